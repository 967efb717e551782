// c/backend/results.hpp: which results were made in a C callback that still runs.
//
// A callback may return one as its own, and then it is cleared for it. A result may be cleared on any
// thread and in any other callback, and its memory is used again. So whatever frees a result takes its
// note away before, and an address alone never says that a value is a result.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>
#include <vector>

#include <holdfast/objects/object.hpp>
#include <holdfast/platform/fork_local.hpp>

namespace holdfast::c {

struct callback_frame;

/// The notes of all threads. Made again in a forked child, where another thread may have had the lock.
class result_notes final : public detail::of_one_process {
public:
    /// \throws std::bad_alloc
    void add(const void *memory, const callback_frame &maker) {
        const std::lock_guard<std::mutex> hold(mutex_);
        by_memory_[memory] = &maker;
        count.store(by_memory_.size(), std::memory_order_relaxed);
    }

    /// \param maker  only a note of this callback; null: of any.
    /// \return  whether there was one.
    bool take(const void *memory, const callback_frame *maker) noexcept {
        const std::lock_guard<std::mutex> hold(mutex_);
        const auto found = by_memory_.find(memory);
        if (found == by_memory_.end() || (maker != nullptr && found->second != maker))
            return false;
        by_memory_.erase(found);
        count.store(by_memory_.size(), std::memory_order_relaxed);
        return true;
    }

    /// How many there are. In a forked child, perhaps more than there are.
    static inline std::atomic<std::size_t> count{0};

private:
    std::mutex mutex_;  // a leaf
    std::unordered_map<const void *, const callback_frame *> by_memory_;
};

/// Takes a result's note away. Call it before the memory is freed.
inline bool take_note(const void *memory, const callback_frame *maker = nullptr) noexcept {
    // Whoever frees a result got it from the callback's thread, and so sees that count.
    return result_notes::count.load(std::memory_order_relaxed) != 0 &&
           detail::of_this_process<result_notes>().take(memory, maker);
}

/// The results and the last exception of a C callback that is running on this thread.
///
/// On the stack of the callback's caller. Threads: its own.
struct callback_frame {
    callback_frame() noexcept : outer(std::exchange(innermost, this)) {}
    callback_frame(const callback_frame &) = delete;
    callback_frame &operator=(const callback_frame &) = delete;
    ~callback_frame() {
        innermost = outer;
        for (const void *const memory : made)
            take_note(memory, this);
    }

    /// Notes the memory of a result. \throws std::bad_alloc
    void add(const void *memory) {
        made.push_back(memory);
        detail::of_this_process<result_notes>().add(memory, *this);
    }

    static inline thread_local callback_frame *innermost = nullptr;

    callback_frame *const outer;
    std::vector<const void *> made;  // memory of results; some may have been cleared
    object exception;                // of the last failure, if that was a Python exception
    bool has_failed = false;         // a function of ours failed in it
};

}  // namespace holdfast::c
