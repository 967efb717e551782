// A thread_local object may attach in its destructor, whether it is older or younger than our record.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <new>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

namespace {

std::atomic<int> admitted{0};
std::atomic<int> refused{0};

struct says_goodbye {
    holdfast::interpreter_view view;
    ~says_goodbye() {
        for (int i = 0; i < 2; ++i) {
            const holdfast::attach_guard attached(view, std::nothrow);
            if (!attached) {
                refused.fetch_add(1);
                continue;
            }
            run_python("goodbye = 1");
            const holdfast::attach_guard nested;
            const holdfast::detach_guard detached;
            admitted.fetch_add(1);
        }
    }
};

// Within functions: each is constructed when its own function is first called on a thread.
says_goodbye &older() {
    thread_local says_goodbye object;
    return object;
}
says_goodbye &younger() {
    thread_local says_goodbye object;
    return object;
}

}  // namespace

int main() {
    holdfast::interpreter python;
    for (int i = 0; i < 100; ++i)
        std::thread([&] {
            older().view = python.view();  // made before this thread's first attach
            {
                const holdfast::attach_guard attached(python.view());
                run_python("hello = 1");
            }
            younger().view = python.view();
        }).join();
    CHECK(admitted.load() == 400);
    {
        const holdfast::attach_guard attached(python.view());
        CHECK(count_thread_states() == 1);
    }
    event kept;
    event end;
    std::thread last([&] {
        older().view = python.view();
        { const holdfast::attach_guard attached(python.view()); }
        kept.set();
        end.wait();
    });
    kept.wait();
    CHECK(python.finalize(std::chrono::seconds(10)));
    end.set();
    last.join();
    CHECK(refused.load() == 2);
    CHECK(admitted.load() == 400);
}
