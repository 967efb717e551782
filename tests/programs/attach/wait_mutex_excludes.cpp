// holdfast::mutex admits one thread at a time, attached or not, and works in a process without Python.
#include <holdfast/attach/waits.hpp>
#include <holdfast/interpreter.hpp>

#include <mutex>
#include <thread>
#include <vector>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

namespace {

holdfast::mutex at_namespace_scope;

void count_together(bool with_python) {
    constexpr int each = 3000;
    long counter = 0;
    std::vector<std::thread> threads;
    for (int id = 0; id < 6; ++id)
        threads.emplace_back([&, id] {
            for (int i = 0; i < each; ++i) {
                if (with_python && id % 2 == 0) {
                    const holdfast::attach_guard attached;
                    const std::lock_guard<holdfast::mutex> hold(at_namespace_scope);
                    if (i % 100 == 0)
                        run_python("x = 1");
                    ++counter;
                } else if (i % 3 == 0) {
                    std::unique_lock<holdfast::mutex> hold(at_namespace_scope, std::try_to_lock);
                    if (!hold.owns_lock())
                        hold.lock();
                    ++counter;
                } else {
                    const std::lock_guard<holdfast::mutex> hold(at_namespace_scope);
                    ++counter;
                }
            }
        });
    for (std::thread &thread : threads)
        thread.join();
    CHECK(counter == 6L * each);
}

}  // namespace

int main() {
    count_together(false);
    {
        holdfast::interpreter python;
        count_together(true);

        at_namespace_scope.lock();
        CHECK(at_namespace_scope.held_by_this_thread());
        CHECK(!at_namespace_scope.try_lock());
        CHECK(thrown_code<holdfast::usage_error>([] { at_namespace_scope.lock(); }) == "HF221");
        std::thread([] {
            CHECK(!at_namespace_scope.held_by_this_thread());
            CHECK(!at_namespace_scope.try_lock());
        }).join();
        at_namespace_scope.unlock();
        CHECK(at_namespace_scope.try_lock());
        at_namespace_scope.unlock();
        CHECK(python.finalize(std::chrono::seconds(5)));
    }
    count_together(false);
}
