// isolated_executor: a worker that crashes or exits fails one task, and every other task has its result.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using holdfast::function;
using holdfast::worker_end;

namespace {

const char *const app = R"(
import os, signal, faulthandler

def segfault(): faulthandler._sigsegv()
def abort(): os.abort()
def leave(status): os._exit(status)
def kill(): os.kill(os.getpid(), signal.SIGKILL)
def feign():
    import socket
    for number in range(3, 1024):
        try:
            socket.socket(fileno=os.dup(number)).send(b"anything at all")
        except OSError:
            pass
def feign_nothing():
    import socket
    for number in range(3, 1024):
        try:
            if socket.socket(fileno=os.dup(number)).type == socket.SOCK_SEQPACKET:
                os.write(number, b"")
        except OSError:
            pass
def garble():
    for number in range(3, 1024):
        try:
            os.write(number, bytes(64))
        except OSError:
            pass
def closes(path):
    os.closerange(3, 2000)
    files = [open(f"{path}{number}", "w+b", buffering=0) for number in range(9)]
    return b"".join(file.read() for file in files)
def denies():
    import holdfast_worker as worker
    worker.Worker.only.words[worker.RUNNING] = 0  # as if it had not begun this task
    os._exit(3)
def forks():
    if os.fork() == 0:
        return 1
    os.wait()
    return 2
)";

const function<double(double, double)> add{"operator", "add"};

struct how_it_ended {
    std::string code;
    worker_end how;
    int signal;
    int exit_status;
    std::string stack;
};

template <class R>
how_it_ended end_of(std::future<R> result) {
    CHECK(result.wait_for(30s) == std::future_status::ready);
    try {
        result.get();
    } catch (const holdfast::worker_error &ended) {
        return {ended.code(), ended.how(), ended.signal(), ended.exit_status(),
                ended.python_stack()};
    }
    check::fail(__FILE__, __LINE__, "no worker_error");
}

void check_each_end(holdfast::isolated_executor &pool) {
    how_it_ended end = end_of(pool.submit_named<void>("app", "segfault"));
    CHECK(end.code == "HF330" && end.how == worker_end::signal && end.signal == SIGSEGV);
    CHECK(contains(end.stack, "in segfault"));
    end = end_of(pool.submit_named<void>("app", "abort"));
    CHECK(end.code == "HF330" && end.signal == SIGABRT && contains(end.stack, "in abort"));
    end = end_of(pool.submit_named<void>("app", "leave", 3));
    CHECK(end.code == "HF331" && end.how == worker_end::exit && end.exit_status == 3);
    CHECK(end.signal == 0);
    end = end_of(pool.submit_named<void>("app", "leave", 0));
    CHECK(end.code == "HF331" && end.exit_status == 0);
    end = end_of(pool.submit_named<void>("app", "kill"));
    CHECK(end.code == "HF330" && end.signal == SIGKILL);
    CHECK(end_of(pool.submit_named<void>("app", "denies")).exit_status == 3);
    for (const char *const name : {"feign", "feign_nothing", "garble"}) {
        end = end_of(pool.submit_named<void>("app", name));
        CHECK(end.code == "HF334" && end.how == worker_end::protocol);
    }
    CHECK(pool.submit_named<int>("app", "forks").get() == 2);
    CHECK(pool.call(add, 1, 2) == 3);
    CHECK_THROWS(holdfast::worker_error, pool.call(function<void(int)>{"app", "leave"}, 3));
    CHECK(pool.call(add, 1, 2) == 3);
}

/// What comes with shared memory goes through a socket, which the end of a worker closes.
void check_large_request_after_end(holdfast::isolated_executor &pool) {
    const function<long(holdfast::bytes_view)> length{"builtins", "len"};
    const std::string large(100000, 'x');
    for (int i = 0; i < 30; ++i) {
        kill(pool.submit_named<int>("os", "getpid").get(), SIGKILL);
        std::future<long> other =
            pool.submit(length, holdfast::bytes_view{large.data(), large.size()});
        try {
            CHECK(pool.call(length, holdfast::bytes_view{large.data(), large.size()}) == 100000);
            CHECK(other.get() == 100000);
        } catch (const holdfast::worker_error &ended) {
            CHECK(ended.how() == worker_end::signal);  // it may have had the request
        }
    }
}

/// Between many others; each result goes to its own future.
void check_others_go_on(holdfast::isolated_executor &pool) {
    std::vector<std::future<double>> good;
    std::vector<std::future<void>> bad;
    for (int i = 0; i < 300; ++i) {
        good.push_back(pool.submit(add, i, 0.5));
        if (i % 30 == 7)
            bad.push_back(pool.submit_named<void>("app", i % 60 == 7 ? "segfault" : "kill"));
    }
    for (int i = 0; i < 300; ++i)
        CHECK(good[static_cast<std::size_t>(i)].get() == i + 0.5);
    for (std::future<void> &one : bad)
        CHECK(end_of(std::move(one)).code == "HF330");
}

/// The task that wrote to the worker's socket fails, and not the next one that the worker gets.
void check_blames_the_right_one(holdfast::isolated_executor &pool) {
    for (const char *const name : {"feign", "feign_nothing", "feign"}) {
        try {
            pool.call(function<void()>{"app", name});
            CHECK_NOT_REACHED("a call that wrote to the socket has a result");
        } catch (const holdfast::worker_error &ended) {
            CHECK(ended.how() == worker_end::protocol);
        }
        CHECK(pool.call(add, 1, 2) == 3);
    }
}

/// Somebody kills the workers, also idle ones, while threads call.
void check_killed_from_outside(holdfast::isolated_executor &pool) {
    const function<int()> process{"os", "getpid"};
    std::atomic<int> wrong{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> callers;
    for (int i = 0; i < 3; ++i)
        callers.emplace_back([&] {
            for (int k = 0; !stop.load(); ++k)
                try {
                    wrong += pool.call(add, k, 1) == k + 1 ? 0 : 1;
                } catch (const holdfast::worker_error &ended) {
                    wrong += ended.signal() == SIGKILL ? 0 : 1;
                }
        });
    int killed = 0;
    while (killed < 10)
        try {
            killed += kill(pool.call(process), SIGKILL) == 0 ? 1 : 0;
        } catch (const holdfast::worker_error &) {}
    stop = true;
    for (std::thread &one : callers)
        one.join();
    CHECK(wrong.load() == 0);
}

/// A worker that has closed its descriptors ends, at the latest in its next task. What it opened
/// since then stays as it was.
void check_closed_descriptors(holdfast::isolated_executor &pool, const scratch_folder &folder) {
    const std::string path = (folder.path() / "opened").string();
    for (int round = 0; round < 3; ++round)
        try {
            CHECK(pool.submit_named<holdfast::bytes>("app", "closes", path).get().data.empty());
        } catch (const holdfast::worker_error &) {}
    for (int lost = 0;; ++lost)
        try {
            CHECK(pool.call(add, 1, 2) == 3);
            break;
        } catch (const holdfast::worker_error &) {
            CHECK(lost < 3);
        }
    for (int number = 0; number < 9; ++number)
        CHECK(std::filesystem::file_size(path + std::to_string(number)) == 0);
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    holdfast::isolated_executor pool(with_workers(2, folder));
    check_each_end(pool);
    check_blames_the_right_one(pool);
    check_others_go_on(pool);
    check_killed_from_outside(pool);
    check_large_request_after_end(pool);
    check_closed_descriptors(pool, folder);
    CHECK(pool.drain(30s));
}
