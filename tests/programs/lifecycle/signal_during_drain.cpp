// SIGINT while finalize() waits does not end the process; the report says that it arrived.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "interrupt_process.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter_config config;
    config.install_signal_handlers = true;
    {
        holdfast::interpreter python(config);
        event inside;
        std::thread worker([&] {
            const holdfast::attach_guard attached(python.view());
            const holdfast::detach_guard detached;
            inside.set();
            while (python.view().alive())
                std::this_thread::yield();
            interrupt_process();
        });
        inside.wait();
        const holdfast::finalize_report report = python.finalize(std::chrono::seconds(10));
        CHECK(report.finalized);
        CHECK(report.interrupted);
        worker.join();
    }
    {
        holdfast::interpreter python(config);
        std::thread killer;
        {
            const holdfast::attach_guard attached(python.view());
            run_python(
                "import threading\n"
                "go = threading.Event()\n"
                "threading.Thread(target=go.wait, name='waits').start()");
        }
        killer = std::thread([&] {
            while (python.view().alive())
                std::this_thread::yield();
            // Long enough for finalize() to wait for the Python thread; correct at any length.
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            interrupt_process();
        });
        // The wait for Python's own threads is cut short, and the caller decides.
        const holdfast::finalize_report report = python.finalize(std::chrono::seconds(10));
        CHECK(!report.finalized);
        CHECK(report.interrupted);
        CHECK(report.still_inside.size() == 1);
        killer.join();
        python.reopen();
        {
            const holdfast::attach_guard attached(python.view());
            run_python("go.set()");
        }
        CHECK(python.finalize(std::chrono::seconds(10)).finalized);
    }
}
