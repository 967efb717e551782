// A C++ exception that leaves an attached scope detaches the thread, and other threads attach at once.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

namespace {

void throw_while_attached(const holdfast::interpreter_view &view) {
    const holdfast::attach_guard outer(view);
    const holdfast::attach_guard inner;
    const holdfast::detach_guard detached;
    const holdfast::attach_guard again;
    throw std::runtime_error("the host's own");
}

}  // namespace

int main() {
    holdfast::interpreter python;
    for (int round = 0; round < 2000; ++round) {
        bool caught = false;
        try {
            throw_while_attached(python.view());
        } catch (const std::runtime_error &) {
            caught = true;
        }
        CHECK(caught);
        CHECK(!holdfast::attached());
    }
    std::thread([&] {
        const holdfast::attach_guard attached(python.view());
        run_python("def depth(n): return n and depth(n - 1)\ndepth(500)");
    }).join();
    CHECK(python.finalize(std::chrono::seconds(5)));
}
