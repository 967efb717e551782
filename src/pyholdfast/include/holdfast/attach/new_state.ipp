// holdfast/attach/new_state.ipp: the body of new_state.hpp.
#pragma once

#include <holdfast/attach/new_state.hpp>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/process.hpp>

#if HOLDFAST_DETAIL_HAS_FORK && HOLDFAST_HAS_FORK_WITHOUT_HEAD_LOCK
#include <atomic>
#include <chrono>
#include <mutex>
#include <new>

#include <holdfast/process/shared_records.hpp>
#endif

namespace holdfast::detail {

#if HOLDFAST_DETAIL_HAS_FORK && HOLDFAST_HAS_FORK_WITHOUT_HEAD_LOCK
/// Held while a thread creates a state, or forks.
///
/// Lock order: before the GIL. A thread that creates a state may need the GIL for that, if
///             tracemalloc counts memory. But a thread that forks already has the GIL, and
///             sometimes so does one that creates a state in another interpreter. So the wait has
///             a limit. After it, the thread takes the risk that it would take without this lock.
class fork_exclusion {
public:
    static constexpr std::chrono::milliseconds limit{500};

    /// Held until the caller destroys the returned lock.
    [[nodiscard]] static std::unique_lock<std::timed_mutex> while_making() {
        if (!watched_.exchange(true, std::memory_order_relaxed)) {
            pin_library(reinterpret_cast<const void *>(&before));
            at_fork(&before, &after_in_parent, &after_in_child);
        }
        return std::unique_lock<std::timed_mutex>(mutex_, limit);
    }

private:
    HOLDFAST_DETAIL_COLD static void before() noexcept { forking_ = mutex_.try_lock_for(limit); }
    HOLDFAST_DETAIL_COLD static void after_in_parent() noexcept {
        if (forking_)
            mutex_.unlock();
        forking_ = false;
    }
    HOLDFAST_DETAIL_COLD static void after_in_child() noexcept {
        new (&mutex_) std::timed_mutex;  // the thread that held it, if the limit had passed, does
                                         // not exist here
        forking_ = false;
    }

    HOLDFAST_DETAIL_PRIVATE static inline std::atomic<bool> watched_{false};
    HOLDFAST_DETAIL_PRIVATE static inline std::timed_mutex mutex_;
    HOLDFAST_DETAIL_PRIVATE static inline thread_local bool forking_ = false;
};
#endif

HOLDFAST_DETAIL_COLD_BODY PyThreadState *new_state(PyInterpreterState *interpreter) noexcept {
    const cancellation_held_off until_made;  // up to 3.12 CPython waits for a semaphore in there
#if HOLDFAST_DETAIL_HAS_FORK && HOLDFAST_HAS_FORK_WITHOUT_HEAD_LOCK
    const auto no_fork = fork_exclusion::while_making();
#endif
#if HOLDFAST_HAS_CRASHING_STATE_NEW
    void *const room = PyMem_RawMalloc(sizeof(PyThreadState));  // test allocation, freed again
    if (room == nullptr)
        return nullptr;
    PyMem_RawFree(room);
#endif
    return PyThreadState_New(interpreter);
}

}  // namespace holdfast::detail
