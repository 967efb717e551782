// finalize() does not wait for daemon threads, busy or asleep.
#include <holdfast/interpreter.hpp>

#include <chrono>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        run_python(
            "import threading, time\n"
            "started = threading.Barrier(9)\n"
            "def busy():\n"
            "    started.wait()\n"
            "    while True:\n"
            "        sum(range(100))\n"
            "def asleep():\n"
            "    started.wait()\n"
            "    time.sleep(1000)\n"
            "for i in range(8):\n"
            "    threading.Thread(target=busy if i % 2 else asleep, daemon=True).start()\n"
            "started.wait()");
    }
    CHECK(python.finalize(std::chrono::seconds(15)));
}
