// A sink may take a lock whose owner waits to attach: it runs detached, and Python holds no lock.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/output.hpp>

#include <mutex>
#include <thread>

#include "check.hpp"
#include "event.hpp"

namespace {

/// The printing thread is attached when the other has the mutex, and that one attaches before it lets go of it.
void print_against(const holdfast::interpreter &python, std::mutex &mutex, const char *statement) {
    event attached_now;
    event locked_now;
    std::thread printer([&] {
        const holdfast::attach_guard attached(python);
        attached_now.set();
        locked_now.wait();
        holdfast::exec(statement);
    });
    attached_now.wait();
    {
        const std::lock_guard<std::mutex> alone(mutex);
        locked_now.set();
        const holdfast::attach_guard attached(python);
    }
    printer.join();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    std::mutex mutex;
    int lines = 0;
    holdfast::redirect_output(python, [&](const holdfast::output_line &) {
        const std::lock_guard<std::mutex> alone(mutex);
        ++lines;
    });
    holdfast::exec("import logging, sys");
    print_against(python, mutex, "print('one')");
    print_against(python, mutex, "sys.stderr.write('two\\n')");
    print_against(python, mutex, "logging.error('three')");
    CHECK(lines == 3);

    // logging holds a lock for each handler of its own: ours has none, else this thread would wait for it here.
    event in_sink;
    event go_on;
    holdfast::redirect_output(python, [&](const holdfast::output_line &line) {
        if (line.text == "wait") {
            in_sink.set();
            go_on.wait();
        }
    });
    std::thread logs([] { holdfast::exec("logging.error('wait')"); });
    in_sink.wait();
    holdfast::exec("logging.error('meanwhile'); print('too')");
    go_on.set();
    logs.join();
}
