// isolated_executor: a worker that could not be sent a request leaves its place to another also if its end is noticed late.
// deadline: 60
// short-run: no
#include <holdfast/isolated.hpp>
#include <holdfast/platform/event_queue.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <future>
#include <string>
#include <thread>

#include <sys/epoll.h>
#include <unistd.h>

#include <asm/unistd.h>

#include "check.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using holdfast::bytes;
using holdfast::function;

namespace {

const function<int()> process_number{"os", "getpid"};
const function<std::int64_t(bytes)> size{"builtins", "len"};

/// The system reports no end of a process until a timer comes that is set later than this.
std::atomic<bool> keeps_back{false};
std::atomic<bool> until_timer{false};

// Used by the thread that watches the workers.
epoll_event kept{};
bool has_kept = false;
bool is_due = false;

constexpr std::uint64_t of_timer = holdfast::detail::event_queue::largest_id + 2;

/// Of the ids that workers have, the odd ones are of their ends.
bool is_of_end(std::uint64_t id) { return id < 1000000 && id % 2 == 1; }

}  // namespace

extern "C" int epoll_wait(int epoll, epoll_event *events, int room, int timeout) {
    if (has_kept && is_due) {  // the limits have been looked after since
        has_kept = false;
        events[0] = kept;
        return 1;
    }
    const auto count =
        static_cast<int>(syscall(__NR_epoll_pwait, epoll, events, room, timeout, nullptr, 8));
    int left = 0;
    for (int i = 0; i < count; ++i) {
        is_due = is_due || (until_timer.load() && events[i].data.u64 == of_timer);
        if (keeps_back.load() && is_of_end(events[i].data.u64)) {
            kept = events[i];
            has_kept = true;
        } else {
            events[left++] = events[i];
        }
    }
    return count < 0 ? count : left;
}

namespace {

/// Returns once the process has ended, and with it its socket. Nobody has reaped it.
void await_end(int process) {
    for (char state = 'R'; state != 'Z'; std::this_thread::yield()) {
        std::ifstream file("/proc/" + std::to_string(process) + "/stat");
        std::string text;
        std::getline(file, text);
        CHECK(file);
        state = text.at(text.rfind(')') + 2);
    }
}

}  // namespace

int main() {
    const scratch_folder folder;
    holdfast::isolated_config config = with_workers(1, folder);
    config.limit = 4s;  // its timer comes when the worker, idle for more than a second, is overdue
    holdfast::isolated_executor pool(config);
    const int process = pool.call(process_number);
    keeps_back.store(true);
    CHECK(kill(process, SIGKILL) == 0);
    await_end(process);
    std::future<std::int64_t> later = pool.submit(size, bytes{std::string(20000, 'x')});
    until_timer.store(true);
    CHECK(later.wait_for(30s) == std::future_status::ready && later.get() == 20000);
    const holdfast::isolated_counters counters = pool.counters();
    CHECK(counters.workers.size() == 1 && counters.workers[0].pid != process);
    CHECK(counters.workers_ended == 1);
}
