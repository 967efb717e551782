// A forked child sends only its own lines, complete, and waits for no output lock of a lost thread.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/output.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "event.hpp"

namespace {

std::atomic<int> foreign{0};
std::atomic<int> own{0};

void take(const holdfast::output_line &line) {
    (line.text == "begun and ended" ? own : foreign).fetch_add(1);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::redirect_output(python, &take);
    holdfast::exec(
        "import os, sys, threading, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "print('begun ', end='')\n");
    event half;
    event forked;
    std::thread other([&] {
        holdfast::exec(
            "print('half a line of another thread', end='')\n"
            "sys.stdout._adding.acquire()\n");
        half.set();
        forked.wait();
        holdfast::exec("sys.stdout._adding.release()");
    });
    half.wait();
    const pid_t child = static_cast<pid_t>(holdfast::eval<long>("os.fork()"));
    if (child == 0) {
        alarm(10);
        holdfast::exec(
            "print('and ended')\n"
            "thread = threading.Thread(target=print, args=('begun and ended',))\n"
            "thread.start()\n"
            "thread.join()\n"
            "sys.stdout.end()\n");
        _exit(foreign.load() == 0 && own.load() == 2 ? 9 : 1);
    }
    CHECK(status_of(child) == 9);
    forked.set();
    other.join();
    CHECK(python.finalize(std::chrono::seconds(10)));
    CHECK(foreign.load() == 2);  // both unfinished lines, once each, where they were printed
}
