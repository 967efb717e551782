// A Python thread that an atexit handler starts neither crashes nor blocks finalize().
#include <holdfast/interpreter.hpp>

#include <chrono>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        // 3.12 refuses the start with a RuntimeError; 3.15 waits for the thread; the others leave it.
        run_python(
            "import atexit, threading, time\n"
            "def start_late():\n"
            "    try:\n"
            "        threading.Thread(target=time.sleep, args=(0.05,)).start()\n"
            "    except RuntimeError:\n"
            "        pass\n"
            "atexit.register(start_late)");
    }
    CHECK(python.finalize(std::chrono::seconds(15)));
}
