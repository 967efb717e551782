// `threading` knows the right main thread even if a native thread, which lives on, imported it first.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    event imported;
    event over;
    std::thread worker([&] {
        {
            const holdfast::attach_guard attached(python.view());
            run_python(
                "import threading\n"
                "assert threading.main_thread() is not threading.current_thread()");
        }
        imported.set();
        over.wait();
    });
    imported.wait();
    {
        const holdfast::attach_guard attached(python.view());
        run_python("assert threading.main_thread() is threading.current_thread()");
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
    over.set();
    worker.join();
}
