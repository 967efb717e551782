// Fifty starts and ends in one process all work, and none depends on what an earlier one left.
// deadline: 120
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    for (int round = 0; round < 50; ++round) {
        holdfast::interpreter python;
        std::thread([&] {
            const holdfast::attach_guard attached(python.view());
            CHECK(text_of_python("'round' in globals()") == "False");
            run_python("import json\nround = json.loads('1')");
        }).join();
        CHECK(python.finalize(std::chrono::seconds(10)));
    }
}
