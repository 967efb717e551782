// A thread that attaches in a loop while Python starts is refused until the start is complete.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <fstream>
#include <new>
#include <thread>
#include <vector>

#include "check.hpp"
#include "environment.hpp"
#include "run_python.hpp"
#include "scratch_folder.hpp"

int main() {
    // CPython calls itself initialised before it imports site, and lets other threads run meanwhile.
    const scratch_folder folder;
    std::ofstream(folder.path() / "sitecustomize.py") << "import sys, time\n"
                                                         "for i in range(20): time.sleep(0.001)\n"
                                                         "sys.start_is_complete = True\n";
    set_variable("PYTHONPATH", folder.path().c_str());

    std::atomic<bool> constructed{false};
    std::atomic<int> ready{0};
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i)
        workers.emplace_back([&] {
            ready.fetch_add(1);
            for (;;) {
                const bool late = constructed.load();
                const holdfast::attach_guard attached(holdfast::main_view(), std::nothrow);
                if (attached) {
                    run_python("import sys\nassert sys.start_is_complete");
                    break;
                }
                CHECK(!late);
                CHECK(attached.reason() == holdfast::closed_reason::not_started);
            }
        });
    while (ready.load() < 4)
        std::this_thread::yield();
    holdfast::interpreter python;
    constructed.store(true);
    for (std::thread &worker : workers)
        worker.join();
    CHECK(python.finalize(std::chrono::seconds(5)));
}
