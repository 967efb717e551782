// isolated_executor: a function of the host is not called, nor runs, when its task's future is ready; a slow one holds up no limit.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <future>
#include <stdexcept>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using holdfast::function;

namespace {

const char *const app = R"(
import threading, time

def leaves(what): threading.Thread(target=what).start()
def calls(what): what()
def calls_twice(what):
    try: what(1)
    finally: what(2)
def waits(): time.sleep(1000)
)";

using action = std::function<void()>;
const function<void(action)> calls{"app", "calls"};
const function<void()> waits{"app", "waits"};
const function<void(std::function<void(int)>)> calls_twice{"app", "calls_twice"};

holdfast::isolated_config with_limit(std::size_t workers, const scratch_folder &folder) {
    holdfast::isolated_config config = with_workers(workers, folder);
    config.limit = 300ms;
    config.preload = {"app"};
    return config;
}

/// The worker is killed while the function runs. It may use what the caller destroys afterwards.
template <class Make>
void check_returns_first(const scratch_folder &folder, Make make) {
    event killed;
    holdfast::isolated_config config = with_limit(1, folder);
    config.on_event = [&](const holdfast::worker_event &what) {
        if (what.what == holdfast::worker_event::kind::ended && !what.how && what.pid != 0 &&
            what.text.find("killed") != std::string::npos)
            killed.set();
    };
    holdfast::isolated_executor pool(config);
    std::atomic<bool> has_returned{false};
    const action slow = [&] {
        CHECK(killed.wait_for(30s));
        std::this_thread::sleep_for(50ms);  // time for a future that does not wait
        has_returned = true;
    };
    CHECK_THROWS(holdfast::deadline_error, make(pool, slow));
    CHECK(has_returned);
}

/// It waits behind the function of another task; meanwhile its own task ends.
void check_not_called_late(const scratch_folder &folder) {
    holdfast::isolated_executor pool(with_limit(2, folder));
    event begun;
    event go_on;
    std::future<void> first = pool.submit(calls, [&] {
        begun.set();
        CHECK(go_on.wait_for(30s));
    });
    CHECK(begun.wait_for(30s));
    std::atomic<bool> is_called{false};
    std::future<void> second = pool.submit(calls, [&] { is_called = true; });
    CHECK_THROWS(holdfast::deadline_error, second.get());
    go_on.set();
    CHECK_THROWS(holdfast::deadline_error, first.get());
    pool.submit(calls, [] {}).get();  // on the same thread, after those two
    CHECK(!is_called);
}

/// on_limit is asked, and answers, while the function of another task runs.
void check_limits_meanwhile(const scratch_folder &folder) {
    holdfast::isolated_config config = with_limit(2, folder);
    config.on_limit = [](const holdfast::limit_question &) { return 0ms; };
    holdfast::isolated_executor pool(config);
    event begun;
    event go_on;
    std::future<void> slow = pool.submit(calls, [&] {
        begun.set();
        CHECK(go_on.wait_for(30s));
    });
    CHECK(begun.wait_for(30s));
    CHECK_THROWS(holdfast::deadline_error, pool.call(waits));
    go_on.set();
    CHECK_THROWS(holdfast::deadline_error, slow.get());
}

/// The interrupt ends the first wait in Python, so a second call is queued behind the first; then the
/// worker is killed. The pool ends, because the task is settled once.
void check_settles_once(const scratch_folder &folder) {
    event killed;
    holdfast::isolated_config config = with_limit(1, folder);
    config.limit = 600ms;
    config.grace = 300ms;
    config.on_event = [&](const holdfast::worker_event &what) {
        if (what.what == holdfast::worker_event::kind::ended)
            killed.set();
    };
    holdfast::isolated_executor pool(config);
    std::future<void> task = pool.submit(calls_twice, [&](int which) {
        if (which == 1)
            CHECK(killed.wait_for(30s));
    });
    CHECK_THROWS(holdfast::deadline_error, task.get());
    pool.submit(calls, [] {}).get();
    CHECK(pool.drain(30s));
}

/// The task's answer comes while its function runs, and the function throws: the task has failed.
void check_throws_late(const scratch_folder &folder) {
    holdfast::isolated_executor pool(with_limit(1, folder));
    std::atomic<bool> may_throw{false};
    std::future<void> task = pool.submit(function<void(action)>{"app", "leaves"}, [&] {
        while (!may_throw)
            std::this_thread::yield();
        throw std::domain_error("from the host");
    });
    CHECK(task.wait_for(100ms) == std::future_status::timeout);  // the function holds it back
    may_throw = true;
    CHECK_THROWS(std::domain_error, task.get());
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    check_returns_first(folder, [](holdfast::isolated_executor &pool, const action &slow) {
        pool.submit(calls, slow).get();
    });
    check_returns_first(folder, [](holdfast::isolated_executor &pool, const action &slow) {
        pool.call(calls, slow);
    });
    check_not_called_late(folder);
    check_limits_meanwhile(folder);
    check_settles_once(folder);
    check_throws_late(folder);
}
