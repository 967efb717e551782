// Constructing a second interpreter while one runs throws HF214 and does not affect the first.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter python;
    const auto start_another = [] { holdfast::interpreter second; };
    CHECK(thrown_code<holdfast::usage_error>(start_another) == "HF214");
    std::thread([&] {
        CHECK(thrown_code<holdfast::usage_error>(start_another) == "HF214");
        const holdfast::attach_guard attached(python.view());
        run_python("alive = True");
        CHECK(thrown_code<holdfast::usage_error>(start_another) == "HF214");
    }).join();
    CHECK(python.finalize(std::chrono::seconds(5)));
}
