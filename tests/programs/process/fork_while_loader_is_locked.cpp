// In a child forked while another thread had the loader's lock, a thread is refused and does not wait for it.
#include <holdfast/interpreter.hpp>
#include <holdfast/thread_state.hpp>

#include <cstddef>
#include <thread>

#include <link.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.hpp"
#include "event.hpp"

namespace {

struct locked_loader {
    event is_locked;
    event may_go_on;
};

/// Called with the loader's lock held.
int hold_lock(dl_phdr_info *, std::size_t, void *its) {
    auto *const held = static_cast<locked_loader *>(its);
    held->is_locked.set();
    held->may_go_on.wait();
    return 1;
}

}  // namespace

int main() {
    holdfast::interpreter python;
    locked_loader held;
    std::thread looks([&held] { dl_iterate_phdr(&hold_lock, &held); });
    held.is_locked.wait();
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(10);  // it hangs
        bool attached = true;
        std::thread([&] {
            attached = static_cast<bool>(holdfast::attach_guard(python.view(), std::nothrow));
        }).join();
        _exit(attached ? 1 : 0);
    }
    held.may_go_on.set();
    looks.join();
    int status = -1;
    const holdfast::detach_guard detached;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
