// In a child that a worker made by os.fork(), the worker continues; finalize() there throws HF210.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter python;
    std::thread([&] {
        long child = -1;
        {
            const holdfast::attach_guard attached(python.view());
            run_python("import os, warnings\nwarnings.simplefilter('ignore')");
            child = number_of_python("os.fork()");
        }
        if (child == 0) {
            {
                const holdfast::attach_guard attached(python.view());
                run_python("in_child = True");
            }
            CHECK(thrown_code<holdfast::usage_error>(
                      [&] { python.finalize(std::chrono::seconds(1)); }) == "HF210");
            _exit(9);
        }
        CHECK(status_of(static_cast<pid_t>(child)) == 9);
    }).join();
    CHECK(python.finalize(std::chrono::seconds(10)));
}
