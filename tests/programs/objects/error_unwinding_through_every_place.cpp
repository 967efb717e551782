// pthread_exit() and cancellation in a callback, iterator, sink or task cost at most that thread.
#include <holdfast/calls/std_function.hpp>
#include <holdfast/holdfast.hpp>
#include <holdfast/output.hpp>
#include <holdfast/pools/executor.hpp>
#include <holdfast/range.hpp>

#include <functional>
#include <optional>
#include <string>
#include <thread>

#include <pthread.h>

#include "check.hpp"
#include "event.hpp"

namespace {

/// How a thread ends in the middle of what Python has called.
struct ending {
    const char *name;
    void (*act)();
    bool returns;  // cancellation waits until the function has returned
};
const ending endings[] = {
    {"pthread_exit", [] { pthread_exit(nullptr); }, false},
    {"cancellation",
     [] {
         pthread_cancel(pthread_self());
         pthread_testcancel();
     },
     true},
};

struct place {
    const char *name;
    void (*come)(const std::function<void()> &action);
};
const place places[] = {
    {"a callable",
     [](const std::function<void()> &action) {
         const holdfast::function<void(const holdfast::object &)> call{"__main__", "call"};
         call(holdfast::callable("end_here", [&] { action(); }));
     }},
    {"a std::function",
     [](const std::function<void()> &action) {
         const holdfast::function<void(std::function<void()>)> call{"__main__", "call"};
         call(action);
     }},
    {"an iterator",
     [](const std::function<void()> &action) {
         const holdfast::function<void(holdfast::range<int>)> all{"__main__", "all_of"};
         all(holdfast::range<int>([&]() -> std::optional<int> {
             action();
             return std::nullopt;
         }));
     }},
    {"a sink", [](const std::function<void()> &) { holdfast::exec("print('end here')"); }},
};

std::function<void()> in_sink;  // one thread at a time

struct set_when_unwound {
    event &unwound;
    ~set_when_unwound() { unwound.set(); }
};

void through(const place &where, const ending &how) {
    auto *const left = new event;  // never freed: a thread that is stopped for good keeps its stack
    const auto *const action = new std::function<void()>([left, &how] {
        const set_when_unwound unwound{*left};
        how.act();
    });
    in_sink = *action;
    std::thread thread([&where, action] { where.come(*action); });
    left->wait();
    if (how.returns)
        thread.join();
    else
        thread.detach();  // joining it would wait for ever
    for (int i = 0; i < 100; ++i)
        if (holdfast::eval<int>("1 + 1") != 2)
            check::fail(__FILE__, __LINE__, std::string(how.name) + " through " + where.name);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "def call(callback): return max([1], key=lambda _: callback() or 0) and None\n"
        "def all_of(items): list(items)\n");
    holdfast::redirect_output(python, [](const holdfast::output_line &line) {
        if (line.text == "end here")
            in_sink();
    });
    for (const ending &how : endings)
        for (const place &where : places)
            through(where, how);

    holdfast::executor pool(python, 1);
    auto ended = pool.submit([] { pthread_exit(nullptr); });
    try {
        ended.get();
        CHECK(false);
    } catch (const holdfast::pool_error &problem) {
        CHECK(std::string(problem.code()) == "HF304");
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
