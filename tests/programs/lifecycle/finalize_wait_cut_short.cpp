// What a signal's handler raises while finalize() waits for Python's threads cuts the wait short, and no thread is forgotten.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "interrupt_process.hpp"

using namespace std::chrono_literals;

namespace {

/// Interrupts the process once finalize() has closed the gate, and waits for the Python thread.
holdfast::finalize_report finalize_interrupted(holdfast::interpreter &python) {
    std::thread killer([&] {
        while (python.view().alive())
            std::this_thread::yield();
        // Long enough for finalize() to wait for the Python thread; correct at any length.
        std::this_thread::sleep_for(100ms);
        interrupt_process();
    });
    const holdfast::finalize_report report = python.finalize(10s);
    killer.join();
    return report;
}

void cut_short(const std::string &handler) {
    holdfast::interpreter_config config;
    config.install_signal_handlers = true;
    holdfast::interpreter python(config);
    holdfast::exec(
        "import signal, sys, threading\n"
        "signal.signal(signal.SIGINT, " +
        handler +
        ")\n"
        "go = threading.Event()\n"
        "class Counted(threading.Thread):\n"
        "    joined = 0\n"
        "    def join(self, timeout=None):\n"
        "        Counted.joined += 1\n"
        "        super().join(timeout)\n"
        "Counted(target=go.wait, name='estragon').start()");
    holdfast::finalize_report report = finalize_interrupted(python);
    CHECK(!report.finalized);
    CHECK(report.interrupted);
    CHECK(report.still_inside.size() == 1);
    CHECK(report.still_inside.front().name == "estragon");
    // Up to 3.12 the interrupted join() takes it for ended; it is still waited for, in rounds of 50 ms,
    // and not in a spin: at most 206 in the 10.3 s of both limits, with one more for each call.
    report = python.finalize(300ms);
    CHECK(!report.finalized);
    CHECK(!report.interrupted);
    CHECK(report.still_inside.size() == 1);
    python.reopen();
    CHECK(holdfast::eval<int>("Counted.joined") <= 208);
    holdfast::exec("go.set()");
    CHECK(python.finalize(10s));
}

}  // namespace

int main() {
    cut_short("signal.default_int_handler");
    cut_short("lambda *_: sys.exit(0)");
}
