// isolated_executor: what workers print and log reaches the host line by line, with the worker's name; counters know them.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "check.hpp"
#include "event.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using holdfast::function;
using holdfast::output_source;

namespace {

const char *const app = R"(
import logging, os, signal, subprocess, sys, time

def prints(text): print(text)
def prints_on_stderr(text): print(text, file=sys.stderr)
def in_c(): os.write(1, b"raw \xff bytes\n")
def logs():
    logging.getLogger("app.part").info("first\nsecond")
    logging.getLogger().debug("not shown")
def unfinished():
    os.write(1, b"last words")
    os.kill(os.getpid(), signal.SIGKILL)
def many(count):
    for number in range(count):
        print(number)
def long_line(size): print("x" * size)
def starts_a_flood(): subprocess.Popen(["yes", "flood" * 200], start_new_session=True)
def begins(path):
    open(path, "w").close()
    time.sleep(1000)
def keeps(size):
    global kept
    kept = bytearray(size)
    return os.getpid()
)";

struct line {
    output_source source;
    std::string text;
    std::string logger;
    int level;
    std::string worker;
};

/// What the sink got, in order.
class lines_seen {
public:
    void add(const holdfast::output_line &one) {
        const std::lock_guard<std::mutex> hold(mutex_);
        all_.push_back({one.source, std::string(one.text), std::string(one.logger), one.level,
                        std::string(one.worker)});
    }
    std::vector<line> take() {
        const std::lock_guard<std::mutex> hold(mutex_);
        return std::move(all_);
    }

private:
    std::mutex mutex_;
    std::vector<line> all_;
};

bool has(const std::vector<line> &all, output_source source, const std::string &text) {
    return std::any_of(all.begin(), all.end(), [&](const line &one) {
        return one.source == source && one.text == text && one.worker == "app-0";
    });
}

void check_lines(const scratch_folder &folder) {
    lines_seen seen;
    holdfast::isolated_config config = with_workers(1, folder);
    config.name = "app";
    config.output = [&](const holdfast::output_line &one) { seen.add(one); };
    config.log_level = 20;
    {
        holdfast::isolated_executor pool(config);
        const function<void(std::string)> prints{"app", "prints"};
        pool.call(prints, "first");
        pool.call(function<void(std::string)>{"app", "prints_on_stderr"}, "wrong");
        pool.call(function<void()>{"app", "in_c"});
        pool.call(function<void()>{"app", "logs"});
        pool.call(function<void(long)>{"app", "many"}, 20000);
        pool.call(function<void(long)>{"app", "long_line"}, 200000);
        CHECK_THROWS(holdfast::worker_error, pool.call(function<void()>{"app", "unfinished"}));
        pool.call(prints, "after");
    }
    const std::vector<line> all = seen.take();
    CHECK(has(all, output_source::out, "first"));
    CHECK(has(all, output_source::err, "wrong"));
    CHECK(has(all, output_source::out, "raw \\xff bytes"));
    CHECK(has(all, output_source::log, "first") && has(all, output_source::log, "second"));
    CHECK(has(all, output_source::out, "last words"));
    CHECK(has(all, output_source::out, "after"));
    long next = 0;
    std::size_t letters = 0;
    for (const line &one : all) {
        CHECK(one.text != "not shown");
        if (one.source == output_source::log)
            CHECK(one.logger == "app.part" && one.level == 20);
        next += one.text == std::to_string(next) ? 1 : 0;
        letters += one.text.empty() || one.text[0] != 'x' ? 0 : one.text.size();
    }
    CHECK(next == 20000);
    CHECK(letters == 200000);
}

/// A process that a worker has left behind writes for ever.
void check_flood(const scratch_folder &folder) {
    event flooded;
    event printed;
    bool is_flooded = false;
    holdfast::isolated_config config = with_workers(1, folder);
    config.output = [&](const holdfast::output_line &one) {
        if (one.text.substr(0, 5) == "flood") {
            if (!std::exchange(is_flooded, true))
                flooded.set();
            std::this_thread::sleep_for(1ms);  // so that the pipe is never empty
        }
        if (one.text == "beside it")
            printed.set();
    };
    holdfast::isolated_executor pool(config);
    pool.call(function<void()>{"app", "starts_a_flood"});
    CHECK(flooded.wait_for(30s));
    pool.submit(function<void(std::string)>{"app", "prints_on_stderr"}, "beside it");
    CHECK(printed.wait_for(30s));
}  // the pool ends although the flood does not

void check_counters(const scratch_folder &folder) {
    holdfast::isolated_config config = with_workers(1, folder);
    config.name = "app";
    holdfast::isolated_executor pool(config);
    const int pid = pool.call(function<int(long)>{"app", "keeps"}, 100 << 20);
    CHECK(pool.drain(30s));
    holdfast::isolated_counters now = pool.counters();
    CHECK(now.tasks == 1 && now.waiting == 0 && now.deadlines == 0 && now.workers_ended == 0);
    CHECK(now.workers.size() == 1);
    CHECK(now.workers[0].name == "app-0" && now.workers[0].pid == pid);
    CHECK(now.workers[0].memory > (100U << 20U) && now.workers[0].tasks == 1);
    CHECK(now.workers[0].task.empty());

    // Before it has begun, a task would move to another worker.
    const std::string begun = (folder.path() / "begun").string();
    std::future<void> busy = pool.submit(function<void(std::string)>{"app", "begins"}, begun);
    while (!std::filesystem::exists(begun))
        std::this_thread::yield();
    CHECK(pool.counters().workers[0].task == "app.begins()");
    kill(pid, SIGKILL);
    CHECK_THROWS(holdfast::worker_error, busy.get());
    CHECK(pool.drain(30s));
    now = pool.counters();
    CHECK(now.tasks == 2 && now.workers_ended == 1);
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    check_lines(folder);
    check_flood(folder);
    check_counters(folder);
}
