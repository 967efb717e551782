// isolated_executor: where the system does not report what a worker does, the start fails with HF335, and the next task tries again.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <cerrno>
#include <future>
#include <string>

#if defined(_WIN32)
#include <holdfast/platform/windows_processes.hpp>
#else
#include <sys/epoll.h>
#include <unistd.h>

#include <asm/unistd.h>
#endif

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

namespace {

/// How many more handles the system watches.
std::atomic<int> left{1000000};

const holdfast::function<double(double, double)> add{"operator", "add"};

#if defined(_WIN32)
using wait_function = int __stdcall(void **, void *, void(__stdcall *)(void *, unsigned char),
                                    void *, unsigned long, unsigned long);

int __stdcall watches_few(void **made, void *handle, void(__stdcall *call)(void *, unsigned char),
                          void *context, unsigned long limit, unsigned long flags) {
    if (left.fetch_sub(1) > 0)
        return holdfast::detail::windows_function<wait_function>(
            L"kernel32", "RegisterWaitForSingleObject")(made, handle, call, context, limit, flags);
    SetLastError(8);  // ERROR_NOT_ENOUGH_MEMORY
    return 0;
}
#endif

}  // namespace

#if defined(_WIN32)
// In place of what the linker would take from the library of the system's DLL.
extern "C" {
wait_function *__imp_RegisterWaitForSingleObject = &watches_few;
}
#else
extern "C" int epoll_ctl(int epoll, int what, int descriptor, epoll_event *event) noexcept {
    // The largest numbers are of what an executor watches itself.
    if (what == EPOLL_CTL_ADD && event->data.u64 < 1000000 && left.fetch_sub(1) <= 0) {
        errno = ENOSPC;
        return -1;
    }
    return static_cast<int>(syscall(__NR_epoll_ctl, epoll, what, descriptor, event));
}
#endif

namespace {

void check_refused_after(int watched) {
    const scratch_folder folder;
    holdfast::isolated_config config = with_workers(1, folder);
    config.output = [](const holdfast::output_line &) {};
    left.store(watched);
    holdfast::isolated_executor pool(config);
    try {
        pool.submit(add, 1, 2).get();
        CHECK(false);
    } catch (const holdfast::worker_error &problem) {
        CHECK(std::string(problem.code()) == "HF335");
        CHECK(contains(problem.what(), "does not report what it does: "));
    }
    left.store(1000000);
    CHECK(pool.call(add, 1, 2) == 3);
}

}  // namespace

int main() {
#if defined(_WIN32)
    constexpr int of_a_worker = 4;
#else
    constexpr int of_a_worker = 5;
#endif
    for (int watched = 0; watched < of_a_worker; ++watched)
        check_refused_after(watched);
}
