// An interpreter with static lifetime is finalized after main() returned, and waits for its workers first.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

namespace {

std::atomic<int> calls{0};

/// Joins after the interpreter, which is made later, has been destroyed.
struct joined_at_the_end {
    std::thread worker;
    ~joined_at_the_end() {
        worker.join();
        if (Py_IsInitialized() != 0)
            std::_Exit(1);
    }
};

}  // namespace

int main() {
    static joined_at_the_end last;
    static holdfast::interpreter python;
    last.worker = std::thread([view = python.view()] {
        for (;;) {
            const holdfast::attach_guard attached(view, std::nothrow);
            if (!attached)
                return;
            run_python("x = 1");
            calls.fetch_add(1);
        }
    });
    while (calls.load() < 100)
        std::this_thread::yield();
}
