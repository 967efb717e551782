// A module that refuses sub-interpreters with their own GIL raises ImportError; the interpreter stays usable.
// python: >=3.12
// shared: ../../faults/single_phase.cpp
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"

namespace {

std::string import_module() {
    return "import importlib.machinery, importlib.util, warnings\n"
           "warnings.simplefilter('ignore')\n"
           "loader = importlib.machinery.ExtensionFileLoader('single_phase', '" +
           check::library("single_phase.so") +
           "')\n"
           "spec = importlib.util.spec_from_loader('single_phase', loader)\n"
           "importlib.util.module_from_spec(spec)\n";
}

}  // namespace

int main() {
    holdfast::interpreter python;
    {
        holdfast::subinterpreter own(python);
        const holdfast::attach_guard attached(own.view());
        bool refused = false;
        try {
            holdfast::exec(import_module());
        } catch (const holdfast::python_error &problem) {
            refused = problem.type() == "ImportError";
        }
        CHECK(refused);
        CHECK(holdfast::eval<int>("1 + 1") == 2);
    }
    // In the main interpreter it may come while others call; a free-threaded Python then has a GIL again.
    std::atomic<bool> stop{false};
    std::atomic<long> calls{0};
    std::vector<std::thread> workers;
    for (int i = 0; i < 8; ++i)
        workers.emplace_back([&] {
            while (!stop.load()) {
                const holdfast::attach_guard attached(python.view());
                CHECK(holdfast::eval<int>("2 + 2") == 4);
                ++calls;
            }
        });
    holdfast::exec(import_module());
    for (const long before = calls.load(); calls.load() < before + 1000;)
        std::this_thread::yield();
    stop.store(true);
    for (std::thread &worker : workers)
        worker.join();
    CHECK(python.finalize(std::chrono::seconds(10)));
}
