// Nothing that Python prints is lost when threads and Python end: unfinished lines, atexit, destructors.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/output.hpp>
#include <holdfast/platform/thread_name.hpp>

#include <algorithm>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "event.hpp"

int main() {
    std::mutex lines_mutex;
    std::vector<std::string> lines;
    const auto seen = [&](const char *text) {
        const std::lock_guard<std::mutex> hold(lines_mutex);
        return std::count(lines.begin(), lines.end(), text);
    };
    event printed;
    event finalized;
    std::thread stays;
    {
        holdfast::interpreter python;
        holdfast::redirect_output(python, [&](const holdfast::output_line &line) {
            const std::lock_guard<std::mutex> hold(lines_mutex);
            lines.push_back(std::string(line.thread) + ": " + std::string(line.text));
        });
        std::thread([] {
            holdfast::detail::set_thread_name("goes");
            holdfast::exec("print('of a thread that ends', end='')");
        }).join();
#if !defined(_WIN32)  // there, the next thread that attaches ends what this one has left
        CHECK(seen("goes: of a thread that ends") == 1);
#endif

        stays = std::thread([&] {
            holdfast::detail::set_thread_name("stays");
            holdfast::exec("print('of a thread that outlives Python', end='')");
            printed.set();
            finalized.wait();
        });
        printed.wait();
        holdfast::exec(
            "import atexit, logging, sys, threading\n"
            "class Last:\n"
            "    def __init__(self, text): self.text = text\n"
            "    def __del__(self, write=sys.stdout.write): write(self.text)\n"
            "class Printed(Last):\n"
            "    def __del__(self, print=print): print(self.text)\n"
            "printed = Printed('printed by a destructor')\n"
            "last, unfinished = Last('by a destructor\\n'), Last('by a destructor, unfinished')\n"
            "atexit.register(print, 'atexit')\n"
            "atexit.register(logging.error, 'logged at exit')\n"
            "threading.Thread(target=lambda: print('by a Python thread', end=''), "
            "name='py').start()\n"
            "sys.stderr.write('unfinished error')\n"
            "print('unfinished', end='', flush=True)");
        CHECK(seen("MainThread: unfinished") == 0);
        CHECK(python.finalize(std::chrono::seconds(10)));
    }
    finalized.set();
    stays.join();
    for (const char *text :
         {"goes: of a thread that ends", "stays: of a thread that outlives Python",
          "py: by a Python thread", "MainThread: logged at exit", "MainThread: unfinished error"})
        if (seen(text) != 1)
            check::fail(__FILE__, __LINE__, text);
    std::string all;
    for (const std::string &line : lines)
        all += line + "\n";
    // Printed one after the other by one thread, the first two end up on one line.
    for (const char *text : {"unfinishedatexit\n", "printed by a destructor\n",
                             ": by a destructor\n", ": by a destructor, unfinished"})
        if (all.find(text) == std::string::npos)
            check::fail(__FILE__, __LINE__, std::string(text) + " is not in\n" + all);
}
