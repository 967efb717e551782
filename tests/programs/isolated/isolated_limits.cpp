// isolated_executor: limits on wall time, processor time and memory hold in C code too, and the next call is served.
// deadline: 90
// short-run: no
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <fstream>
#include <future>
#include <string>
#include <vector>

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"
#include "thrown.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using holdfast::function;

namespace {

const char *const app = R"(
import threading, time

def stuck_in_c(): return sum(range(10 ** 15))
def endless():
    while True: pass
def catches():
    try:
        time.sleep(1000)
    except BaseException as problem:
        return type(problem).__module__ + "." + type(problem).__name__
def stubborn():
    while True:
        try:
            time.sleep(1000)
        except BaseException:
            pass
def burn():
    for _ in range(3): threading.Thread(target=endless, daemon=True).start()
    endless()
def hog(size): return len(bytearray(size))
def survives(size):
    try:
        return hog(size)
    except MemoryError:
        return -1
)";

const function<void()> stuck_in_c{"app", "stuck_in_c"};
const function<void()> endless{"app", "endless"};
const function<std::string()> catches{"app", "catches"};
const function<void()> stubborn{"app", "stubborn"};
const function<void()> burn{"app", "burn"};
const function<std::int64_t(std::int64_t)> hog{"app", "hog"};
const function<std::int64_t(std::int64_t)> survives{"app", "survives"};
const function<double(double, double)> add{"operator", "add"};

/// The first frame of the stack is in that function. It may be cut off before: a worker has three
/// milliseconds to write its stack, and then it is killed.
bool is_in(const std::string &stack, const char *function) {
    const std::size_t frame = stack.find("  File ");
    const std::size_t end = stack.find('\n', frame);
    return end == std::string::npos ||
           contains(stack.substr(frame, end - frame), std::string("in ") + function);
}

template <class R>
std::string deadline_of(std::future<R> result) {
    try {
        result.get();
    } catch (const holdfast::deadline_error &late) {
        CHECK(std::string(late.code()) == "HF222");
        return late.traceback();
    }
    return "no deadline_error";
}

void check_wall_time(const scratch_folder &folder) {
    holdfast::isolated_config config = with_workers(1, folder);
    config.limit = 300ms;
    holdfast::isolated_executor pool(config);
    CHECK(pool.call(add, 1, 2) == 3);
    CHECK(is_in(deadline_of(pool.submit(endless)), "endless"));
    // On a busy machine, there may be no stack; but not every time.
    for (int round = 0; !contains(deadline_of(pool.submit(stuck_in_c)), "in stuck_in_c"); ++round)
        CHECK(round < 20);
    CHECK_THROWS(holdfast::deadline_error, pool.call(stuck_in_c));
    CHECK(pool.call(add, 1, 2) == 3);

    // Tasks behind a stuck one move on, and their time begins when a worker takes them.
    std::future<void> stuck = pool.submit(stuck_in_c);
    std::vector<std::future<double>> behind;
    for (int i = 0; i < 50; ++i)
        behind.push_back(pool.submit(add, i, 1));
    deadline_of(std::move(stuck));
    for (int i = 0; i < 50; ++i)
        CHECK(behind[static_cast<std::size_t>(i)].get() == i + 1);
}

void check_grace(const scratch_folder &folder) {
    holdfast::isolated_config config = with_workers(1, folder);
    config.limit = 1000ms;
    config.grace = 500ms;
    holdfast::isolated_executor pool(config);
    const long before = pool.submit_named<long>("os", "getpid").get();
    CHECK(contains(deadline_of(pool.submit_named<void>("time", "sleep", 1000)), "Interrupted"));
    CHECK(is_in(deadline_of(pool.submit(endless)), "endless"));
    CHECK(pool.call(catches) == "holdfast.Interrupted");
    CHECK(pool.submit_named<long>("os", "getpid").get() == before);  // never killed
    CHECK(is_in(deadline_of(pool.submit(stubborn)), "stubborn"));
    CHECK(is_in(deadline_of(pool.submit(stuck_in_c)), "stuck_in_c"));
    CHECK(pool.submit_named<long>("os", "getpid").get() != before);
}

void check_cpu(const scratch_folder &folder) {
    holdfast::isolated_config config = with_workers(1, folder);
    config.cpu = 1s;
    holdfast::isolated_executor pool(config);
    CHECK(pool.call(add, 1, 2) == 3);
    for (const auto &busy : {endless, burn}) {
        try {
            pool.submit(busy).get();
            CHECK(false);
        } catch (const holdfast::worker_error &ended) {
            CHECK(ended.how() == holdfast::worker_end::cpu);
            CHECK(std::string(ended.code()) == "HF333");
            CHECK(is_in(ended.python_stack(), "endless"));
        }
    }
    pool.submit_named<void>("time", "sleep", 1.2).get();  // time that is not used does not count
    CHECK(pool.call(add, 1, 2) == 3);
}

void check_memory(const scratch_folder &folder) {
    holdfast::isolated_config config = with_workers(1, folder);
    config.memory = std::size_t{256} << 20U;
    holdfast::isolated_executor pool(config);
    CHECK(pool.call(hog, 1 << 20) == 1 << 20);
    try {
        pool.call(hog, std::int64_t{1} << 30U);
        CHECK(false);
    } catch (const holdfast::worker_error &ended) {
        CHECK(ended.how() == holdfast::worker_end::memory);
        CHECK(std::string(ended.code()) == "HF332");
        CHECK(contains(ended.python_stack(), "in hog"));
    }
    CHECK(pool.call(survives, std::int64_t{1} << 30U) == -1);
    CHECK(pool.call(hog, 1 << 20) == 1 << 20);
}

/// Limits that are longer than a clock counts are never reached.
void check_no_end(const scratch_folder &folder) {
    holdfast::isolated_config config = with_workers(1, folder);
    config.limit = std::chrono::milliseconds::max();
    config.grace = std::chrono::milliseconds::max();
    config.start_limit = std::chrono::milliseconds::max();
    config.cpu = std::chrono::seconds::max();
    holdfast::isolated_executor pool(config);
    CHECK(pool.call(add, 1, 2) == 3);
    CHECK(pool.submit(add, 1, 2).get() == 3);
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    check_wall_time(folder);
    check_grace(folder);
    check_cpu(folder);
    check_memory(folder);
    check_no_end(folder);
}
