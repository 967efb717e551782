// holdfast/platform/fork_local.hpp: objects that exist once per process, also after a fork.
#pragma once

#include <atomic>
#include <cstdint>

#include <holdfast/platform/process.hpp>

namespace holdfast::detail {

/// The base class of such an object. A forked child has a copy of its parent's, but the threads are
/// not there and the locks may be held.
class of_one_process {
public:
    [[nodiscard]] bool is_of_this_process() const noexcept { return process_ == process_number(); }

private:
    const std::int64_t process_ = process_number();
};

/// This process's object, made at first use. Never freed, because threads that outlive static
/// objects use it. Threads: any.
template <class One>
One &of_this_process() {
    static std::atomic<One *> current{nullptr};
    One *found = current.load(std::memory_order_acquire);
    while (found == nullptr || !found->is_of_this_process()) {
        auto *const fresh = new One;
        if (current.compare_exchange_strong(found, fresh, std::memory_order_acq_rel))
            return *fresh;
        delete fresh;  // no other thread has seen it
    }
    return *found;
}

}  // namespace holdfast::detail
