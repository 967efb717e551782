// Native threads that call threading.current_thread() leave nothing behind when they end.
#include <holdfast/interpreter.hpp>

#include <thread>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    for (int i = 0; i < 50; ++i)
        std::thread([&] {
            for (int again = 0; again < 2; ++again) {
                const holdfast::attach_guard attached(python.view());
                run_python("import threading\nassert threading.current_thread().name");
            }
        }).join();
    const holdfast::attach_guard attached(python.view());
    CHECK(number_of_python("len(threading.enumerate())") == 1);
    CHECK(number_of_python("len(threading._active)") == 1);
}
