// holdfast/platform/per_process.hpp: what there is one of in a process, and another one in its forked child.
#pragma once

#include <atomic>

#include <sys/types.h>
#include <unistd.h>

namespace holdfast::detail {

/// The base of such a thing. A child has its parent's in memory, but its threads are not there and
/// its locks may be held.
class of_one_process {
public:
    [[nodiscard]] bool is_of_this_process() const noexcept { return process_ == getpid(); }

private:
    const pid_t process_ = getpid();
};

/// The process's own, made at first use. Never freed: threads that outlive static objects use it.
/// Any thread.
template <class One>
One &of_this_process() {
    static std::atomic<One *> current{nullptr};
    One *found = current.load(std::memory_order_acquire);
    while (found == nullptr || !found->is_of_this_process()) {
        auto *const fresh = new One;
        if (current.compare_exchange_strong(found, fresh, std::memory_order_acq_rel))
            return *fresh;
        delete fresh;  // nobody has seen it
    }
    return *found;
}

}  // namespace holdfast::detail
