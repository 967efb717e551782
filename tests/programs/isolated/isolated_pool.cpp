// isolated_executor: capacity, cancellation, closing, draining, replaced workers and events are as for other pools.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "contains.hpp"
#include "said_on_stderr.hpp"
#include "scratch_folder.hpp"
#include "thrown.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using holdfast::function;

namespace {

const char *const app = R"(
import pathlib, time

def wait_for(path):
    while not pathlib.Path(path).exists():
        time.sleep(0.002)
    return path
def note(path, text):
    with open(path, "a") as file:
        file.write(text)
)";

const function<std::string(std::string_view)> wait_for{"app", "wait_for"};
const function<void(std::string_view, std::string_view)> note{"app", "note"};
const function<double(double, double)> add{"operator", "add"};
const function<int()> process{"os", "getpid"};

std::string read_all(const std::filesystem::path &file) {
    std::ifstream in(file);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

/// A task that runs until release() is called.
struct held_task {
    const std::string path;
    std::future<std::string> result;
    held_task(holdfast::isolated_executor &pool, const scratch_folder &folder, const char *name)
        : path((folder.path() / name).string()), result(pool.submit(wait_for, path)) {
        while (pool.waiting() != 0)
            std::this_thread::yield();
    }
    void release() const { std::ofstream(path).put('x'); }
};

void check_capacity(const scratch_folder &folder) {
    holdfast::isolated_config config = with_workers(1, folder);
    config.capacity = 2;
    config.full = holdfast::when_full::fail;
    {
        holdfast::isolated_executor pool(config);
        held_task first(pool, folder, "fail");
        auto a = pool.submit(add, 1, 1);
        auto b = pool.submit(add, 2, 2);
        CHECK(pool.waiting() == 2);
        CHECK(thrown_code<holdfast::pool_error>([&] { pool.submit(add, 3, 3); }) == "HF300");
        CHECK(!pool.drain(1ms));
        first.release();
        CHECK(a.get() == 2 && b.get() == 4 && first.result.get() == first.path);
        CHECK(pool.drain(30s));
    }
    config.full = holdfast::when_full::drop_oldest;
    {
        holdfast::isolated_executor pool(config);
        held_task first(pool, folder, "drop");
        auto a = pool.submit(add, 1, 1);
        auto b = pool.submit(add, 2, 2);
        auto c = pool.submit(add, 3, 3);
        CHECK(thrown_code<holdfast::pool_error>([&] { a.get(); }) == "HF303");
        first.release();
        CHECK(b.get() == 4 && c.get() == 6);
    }
    config.full = holdfast::when_full::block;
    holdfast::isolated_executor pool(config);
    held_task first(pool, folder, "block");
    auto a = pool.submit(add, 1, 1);
    auto b = pool.submit(add, 2, 2);
    std::atomic<bool> admitted{false};
    std::thread other([&] {
        CHECK(pool.submit(add, 3, 3).get() == 6);
        admitted = true;
    });
    CHECK(!admitted.load());
    first.release();
    other.join();
    CHECK(a.get() == 2 && b.get() == 4);
}

void check_cancellation(const scratch_folder &folder) {
    holdfast::isolated_executor pool(with_workers(1, folder));
    const std::string log = (folder.path() / "log").string();
    held_task first(pool, folder, "cancel");
    const holdfast::cancellation off;
    auto cancelled = pool.submit(off, note, log, "cancelled");
    auto kept = pool.submit(note, log, "kept");
    off.request();
    CHECK(cancelled.wait_for(0s) == std::future_status::ready);
    CHECK(thrown_code<holdfast::cancelled_error>([&] { cancelled.get(); }) == "HF302");
    first.release();
    kept.get();
    CHECK(thrown_code<holdfast::cancelled_error>([&] { pool.submit(off, add, 1, 2).get(); }) ==
          "HF302");
    CHECK(pool.drain(30s) && read_all(log) == "kept");
}

/// A cancelled task takes up no room, although no worker comes: not in the queue, nor while its
/// submit() waits for room.
void check_cancelled_make_room(const scratch_folder &folder) {
    holdfast::isolated_config config = with_workers(1, folder);
    config.capacity = 1;
    holdfast::isolated_executor pool(config);
    held_task first(pool, folder, "room");
    holdfast::cancellation off;
    auto cancelled = pool.submit(off, add, 1, 1);
    CHECK(pool.waiting() == 1);
    std::future<double> kept;
    std::thread waits([&] { kept = pool.submit(add, 2, 2); });
    off.request();
    waits.join();
    CHECK(pool.waiting() == 1);
    holdfast::cancellation late;
    std::thread waits_too([&] { pool.submit(late, add, 3, 3); });
    late.request();
    waits_too.join();
    first.release();
    CHECK(kept.get() == 4 && pool.drain(30s));
}

/// An event destroys the pool while a task has reached its limit: nobody can be asked any more.
void check_end_by_an_event(const scratch_folder &folder) {
    std::unique_ptr<holdfast::isolated_executor> pool;
    std::promise<void> submitted;
    std::promise<void> ended;
    bool is_first = true;
    holdfast::isolated_config config = with_workers(1, folder);
    config.limit = 20ms;
    config.on_limit = [](const holdfast::limit_question &) { return 24h; };
    config.on_event = [&](const holdfast::worker_event &) {
        if (!std::exchange(is_first, false))
            std::abort();  // it was destroyed
        submitted.get_future().wait();
        pool.reset();
        ended.set_value();
    };
    pool = std::make_unique<holdfast::isolated_executor>(config);
    auto stuck = pool->submit(wait_for, (folder.path() / "never").string());
    submitted.set_value();
    CHECK_THROWS(holdfast::deadline_error, stuck.get());
    ended.get_future().wait();
}

void check_unread_failure(const scratch_folder &folder) {
    const std::string said = said_on_stderr([&] {
        holdfast::isolated_executor pool(with_workers(1, folder));
        held_task first(pool, folder, "unread");
        pool.submit(function<double(double, double)>{"operator", "truediv"}, 1, 0);
        first.release();  // not before that future was gone
        CHECK(pool.drain(30s));
    });
#if defined(__GLIBCXX__)
    CHECK(contains(said, "HF312 operator.truediv() failed"));
    CHECK(contains(said, "ZeroDivisionError"));
#else
    CHECK(said.empty());
#endif
}

void check_end(const scratch_folder &folder) {
    const std::string log = (folder.path() / "queued").string();
    {
        holdfast::isolated_executor pool(with_workers(1, folder));
        for (int i = 0; i < 100; ++i)
            pool.submit(note, log, "x");
        pool.close();
        CHECK(thrown_code<holdfast::pool_error>([&] { pool.submit(add, 1, 2); }) == "HF301");
        CHECK(thrown_code<holdfast::pool_error>([&] { pool.call(add, 1, 2); }) == "HF301");
    }
    CHECK(read_all(log) == std::string(100, 'x'));
}

/// A slow task does not hold up others that could run on another worker.
void check_nobody_waits_behind(const scratch_folder &folder) {
    holdfast::isolated_executor pool(with_workers(2, folder));
    for (int i = 0; i < 200; ++i)  // so that each worker is sent several at once
        pool.submit(add, i, 1);
    std::vector<std::future<double>> others;
    const std::string path = (folder.path() / "slow").string();
    std::future<std::string> slow = pool.submit(wait_for, path);
    for (int i = 0; i < 200; ++i)
        others.push_back(pool.submit(add, i, 1));
    for (int i = 0; i < 200; ++i)
        CHECK(others[static_cast<std::size_t>(i)].get() == i + 1);
    std::ofstream(path).put('x');
    CHECK(slow.get() == path);
}

void check_replacement(const scratch_folder &folder) {
    using kind = holdfast::worker_event::kind;
    std::mutex mutex;
    std::vector<holdfast::worker_event> events;
    holdfast::isolated_config config = with_workers(1, folder);
    config.name = "short";
    config.tasks_per_worker = 3;
    config.on_event = [&](const holdfast::worker_event &event) {
        const std::lock_guard<std::mutex> hold(mutex);
        events.push_back(event);
    };
    {
        holdfast::isolated_executor pool(config);
        std::vector<std::future<int>> results;
        for (int i = 0; i < 9; ++i)
            results.push_back(pool.submit(process));
        std::multiset<int> seen;
        for (std::future<int> &one : results)
            seen.insert(one.get());
        for (const int one : seen)
            CHECK(seen.count(one) == 3);
        CHECK_THROWS(holdfast::worker_error, pool.submit_named<void>("os", "_exit", 5).get());
    }
    CHECK(events[0].what == kind::started && events[0].worker == "short-0" && events[0].pid > 0);
    CHECK(events[1].what == kind::ended && !events[1].how && events[1].pid == events[0].pid);
    CHECK(events[2].what == kind::restarted && events[2].pid != events[0].pid);
    bool exited = false;
    for (const holdfast::worker_event &one : events)
        exited = exited || (one.what == kind::ended && one.how == holdfast::worker_end::exit &&
                            contains(one.text, "status 5"));
    CHECK(exited);
}

/// The pool is the parent's; its workers are not touched.
void check_fork(const scratch_folder &folder) {
    holdfast::isolated_executor pool(with_workers(1, folder));
    CHECK(pool.call(add, 1, 2) == 3);
    const pid_t child = fork();
    if (child == 0) {
        const std::string code = thrown_code<holdfast::pool_error>([&] { pool.submit(add, 1, 2); });
        pool.~isolated_executor();
        _exit(code == "HF306" ? 0 : 1);
    }
    CHECK(status_of(child) == 0);
    CHECK(pool.call(add, 1, 2) == 3);
}

/// While Python runs in the host: attached callers detach.
void check_attached(const scratch_folder &folder) {
    holdfast::interpreter python;
    holdfast::isolated_executor pool(with_workers(1, folder));
    const std::string path = (folder.path() / "attached").string();
    std::thread other;
    {
        const holdfast::attach_guard attached(python);
        other = std::thread([&] {
            const holdfast::attach_guard also(python);
            std::ofstream(path).put('x');
        });
        CHECK(pool.call(wait_for, path) == path);
        CHECK(pool.drain(30s));
        CHECK(holdfast::attached());
    }
    other.join();
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    check_capacity(folder);
    check_cancellation(folder);
    check_cancelled_make_room(folder);
    check_end_by_an_event(folder);
    check_unread_failure(folder);
    check_end(folder);
    check_nobody_waits_behind(folder);
    check_replacement(folder);
    check_fork(folder);
    check_attached(folder);
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD);  // nothing is left behind
}
