// While a thread is detached within its guard, another one attaches; afterwards both have their states again.
#include <holdfast/interpreter.hpp>

#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    const holdfast::attach_guard attached(python.view());
    PyThreadState *const mine = PyThreadState_Get();
    for (int round = 0; round < 200; ++round) {
        const holdfast::detach_guard detached;
        event inside;
        std::thread other([&] {
            const holdfast::attach_guard theirs(python.view());
            run_python("turn = 'theirs'");
            inside.set();
        });
        inside.wait();  // would never come if this thread still held Python
        other.join();
    }
    CHECK(PyThreadState_Get() == mine);
    CHECK(text_of_python("turn") == "theirs");
}
