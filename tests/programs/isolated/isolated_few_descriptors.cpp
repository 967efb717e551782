// isolated_executor: where the system passes no more descriptors, honest workers live, and tasks wait or fail alone.
// deadline: 90
// short-run: no
#include <holdfast/buffer.hpp>
#include <holdfast/isolated.hpp>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <future>
#include <string>
#include <system_error>
#include <vector>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using holdfast::bytes;
using holdfast::function;

namespace {

const char *const app = R"(
import os

kept = []
def size(data): return len(data)
def back(data): return bytes(data)
def many(size): return b"x" * size
def take_all():
    try:
        while True: kept.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return len(kept)
def free_all():
    while kept: os.close(kept.pop())
)";

const function<std::int64_t(bytes)> size{"app", "size"};
const function<bytes(bytes)> back{"app", "back"};
const function<bytes(int)> many{"app", "many"};
const function<int()> take_all{"app", "take_all"};
const function<void()> free_all{"app", "free_all"};

constexpr int large = 100000;

/// Without these, which root has, the system counts the descriptors that are under way.
void give_up_capabilities() {
    for (const int one : {CAP_SYS_ADMIN, CAP_SYS_RESOURCE})
        (void)prctl(PR_CAPBSET_DROP, one);  // it has failed if this process never had it
    __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct all[2]{};
    CHECK(syscall(SYS_capget, &head, all) == 0);
    const unsigned kept = ~(1U << CAP_SYS_ADMIN | 1U << CAP_SYS_RESOURCE);
    all[0].effective &= kept;
    all[0].permitted &= kept;
    all[0].inheritable &= kept;
    CHECK(syscall(SYS_capset, &head, all) == 0);
}

/// Descriptors that were sent and are not received, until this is destroyed.
class descriptors_under_way {
public:
    explicit descriptors_under_way(std::size_t count) {
        CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends_) == 0);
        char text = 'x';
        iovec part{&text, 1};
        const std::vector<int> all(count, STDERR_FILENO);
        std::vector<char> room(CMSG_SPACE(count * sizeof(int)));
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = room.data();
        message.msg_controllen = room.size();
        cmsghdr *const passed = CMSG_FIRSTHDR(&message);
        passed->cmsg_level = SOL_SOCKET;
        passed->cmsg_type = SCM_RIGHTS;
        passed->cmsg_len = CMSG_LEN(count * sizeof(int));
        std::memcpy(CMSG_DATA(passed), all.data(), count * sizeof(int));
        CHECK(sendmsg(ends_[0], &message, MSG_DONTWAIT) == 1);
    }
    descriptors_under_way(const descriptors_under_way &) = delete;
    descriptors_under_way &operator=(const descriptors_under_way &) = delete;
    ~descriptors_under_way() {
        close(ends_[0]);
        close(ends_[1]);
    }

private:
    int ends_[2]{};
};

template <class Function>
std::string type_of_failure(const Function &function) {
    try {
        function();
    } catch (const holdfast::python_error &problem) {
        return problem.type();
    }
    return "";
}

/// Our own requests do not keep a worker from answering.
void check_many_requests(const holdfast::isolated_config &config) {
    holdfast::isolated_executor pool(config);
    const bytes data{std::string(large, 'x')};
    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 100; ++i)  // so short that later ones are sent ahead
            (void)pool.call(size, bytes{"x"});
        std::vector<std::future<bytes>> results;
        for (int i = 0; i < 200; ++i)
            results.push_back(pool.submit(back, data));
        for (std::future<bytes> &one : results)
            CHECK(one.get().data.size() == large);
    }
    CHECK(pool.counters().workers_ended == 0);
}

/// A result waits for those of other programs.
void check_results_wait(const holdfast::isolated_config &config) {
    holdfast::isolated_executor pool(config);
    CHECK(pool.call(many, large).data.size() == large);
    {
        std::future<bytes> waits;
        {
            const descriptors_under_way others(80);
            waits = pool.submit(many, large);
            CHECK(waits.wait_for(300ms) == std::future_status::timeout);
        }
        CHECK(waits.get().data.size() == large);
    }
    CHECK(pool.counters().workers_ended == 0);
}

/// A function that has taken all descriptors: its worker cannot even make memory for a result.
void check_none_left(const holdfast::isolated_config &config) {
    holdfast::isolated_executor pool(config);
    CHECK(pool.call(take_all) > 0);
    CHECK(type_of_failure([&] { (void)pool.call(many, large); }) == "OSError");
    pool.call(free_all);
    CHECK(pool.call(many, large).data.size() == large);
    CHECK(pool.counters().workers_ended == 0);
}

/// The system's limit for this process, until this is destroyed.
class few_files {
public:
    few_files() {
        CHECK(getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const rlimit few{100, before_.rlim_max};
        CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
    }
    few_files(const few_files &) = delete;
    few_files &operator=(const few_files &) = delete;
    ~few_files() { CHECK(setrlimit(RLIMIT_NOFILE, &before_) == 0); }

private:
    rlimit before_{};
};

/// A request waits, too.
void check_requests_wait(holdfast::isolated_config config) {
    config.open_files.reset();
    holdfast::isolated_executor pool(config);
    CHECK(pool.call(size, bytes{"x"}) == 1);
    const few_files limit;
    std::future<std::int64_t> waits;
    {
        const descriptors_under_way others(160);
        waits = pool.submit(size, bytes{std::string(large, 'x')});
        CHECK(waits.wait_for(300ms) == std::future_status::timeout);
    }
    CHECK(waits.get() == large);
}

/// What waits too long fails, be it a result or a request, and the tasks behind it do not wait for
/// others.
void check_too_long(holdfast::isolated_config config) {
    holdfast::isolated_executor results(config);
    config.open_files.reset();
    holdfast::isolated_executor requests(config);
    CHECK(results.call(many, large).data.size() == large);
    CHECK(requests.call(size, bytes{"x"}) == 1);
    {
        const descriptors_under_way others(160);
        const few_files limit;
        std::future<bytes> result = results.submit(many, large);
        std::future<std::int64_t> request = requests.submit(size, bytes{std::string(large, 'x')});
        std::future<std::int64_t> next = requests.submit(size, bytes{"y"});
        CHECK(type_of_failure([&] { (void)result.get(); }) == "OSError");
        std::error_code why;
        try {
            (void)request.get();
        } catch (const std::system_error &problem) {
            why = problem.code();
        }
        CHECK(why.value() == ETOOMANYREFS);
        CHECK(next.wait_for(10s) == std::future_status::ready);
        CHECK(next.get() == 1);
    }
    for (int i = 0; i < 10; ++i)  // more than a worker has memory for
        CHECK(results.call(many, large).data.size() == large);
    CHECK(results.counters().workers_ended == 0);
    CHECK(requests.counters().workers_ended == 0);
}

}  // namespace

int main() {
    give_up_capabilities();
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    holdfast::isolated_config config = with_workers(1, folder);
    config.open_files = 24;
    check_many_requests(config);
    check_results_wait(config);
    check_none_left(config);
    check_requests_wait(config);
    check_too_long(config);
}
