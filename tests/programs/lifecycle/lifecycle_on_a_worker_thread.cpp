// A Python that is started and ended on a worker thread has that thread as its main thread.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    for (int round = 0; round < 2; ++round)
        std::thread([] {
            holdfast::interpreter python;
            std::thread([&] {
                const holdfast::attach_guard attached(python.view());
                run_python(
                    "import threading\n"
                    "assert threading.current_thread() is not threading.main_thread()");
            }).join();
            {
                const holdfast::attach_guard attached(python.view());
                run_python("assert threading.current_thread() is threading.main_thread()");
            }
            CHECK(python.finalize(std::chrono::seconds(10)));
        }).join();
}
