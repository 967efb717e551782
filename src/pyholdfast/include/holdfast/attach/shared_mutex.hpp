// holdfast/attach/shared_mutex.hpp: a reader-writer mutex whose waiters wait detached.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <shared_mutex>

#include <holdfast/attach/waits.hpp>

namespace holdfast {

class shared_mutex;

namespace detail {

/// The shared locks that the calling thread holds. Only that thread touches it.
///
/// It is needed because the mutex only counts readers, and cannot tell that a reader waits for
/// itself. It is a fixed array because a thread_local that owns memory could be destroyed before a
/// user's thread_local that locks.
struct shared_holds {
    static constexpr std::size_t most = 16;

    struct hold {
        const void *which = nullptr;  // a shared_mutex; null: free
        std::uint32_t times = 0;
    };
    hold holds[most];

    [[nodiscard]] hold *find(const void *which) noexcept {
        for (hold &one : holds)
            if (one.which == which)
                return &one;
        return nullptr;
    }
};

// It has the same visibility as the functions that use it, so that the linker never mixes this
// library's variable with another library's functions.
inline thread_local shared_holds shared_by_this_thread;

}  // namespace detail

/// A mutex that many threads can hold shared, or one thread exclusively. Waiters wait detached.
///
/// Works with std::shared_lock, std::unique_lock, std::lock_guard and holdfast::wait().
/// std::shared_mutex decides whether readers or a writer go first. With glibc it is readers: if
/// there is always a reader, a writer waits for ever.
///
/// A thread that holds it shared may lock it shared again, as a __del__ that runs in the middle of
/// its work may. This works for up to sixteen shared_mutexes that a thread holds shared at the same
/// time; with more, a lock that would wait for itself hangs. With hidden visibility, shared locks
/// are known only in the shared library that took them: the library that locks must also unlock.
///
/// Owns:       nothing of Python; may outlive the interpreter.
/// Threads:    any, attached or not; unlock on the thread that locked.
/// Lock order: may be held while attaching.
class shared_mutex {
public:
    shared_mutex() = default;
    shared_mutex(const shared_mutex &) = delete;
    shared_mutex &operator=(const shared_mutex &) = delete;

    /// \throws usage_error  HF221 if the calling thread already holds it, exclusively or shared.
    void lock() {
        if (held_by_this_thread())
            detail::refuse_to_wait_for_itself("shared_mutex::lock()");
        if (own_hold() != nullptr)
            detail::refuse_to_upgrade("shared_mutex::lock()");
        if (!inner_.try_lock())
            detail::lock_detached(this, nullptr, [this] { inner_.lock(); });
        detail::note_lock(this);
        owner_.store(detail::this_thread_ident(), std::memory_order_relaxed);
    }

    /// Never blocks; also false if the calling thread already holds it, exclusively or shared.
    [[nodiscard]] bool try_lock() noexcept {
        if (held_by_this_thread() || own_hold() != nullptr || !inner_.try_lock())
            return false;
        detail::note_lock(this);
        owner_.store(detail::this_thread_ident(), std::memory_order_relaxed);
        return true;
    }

    void unlock() noexcept {
        detail::check_unlock(held_by_this_thread(), "shared_mutex");
        detail::forget_lock(this);
        owner_.store(0, std::memory_order_relaxed);
        inner_.unlock();
    }

    /// \throws usage_error  HF221 if the calling thread holds it exclusively.
    void lock_shared() {
        if (held_by_this_thread())
            detail::refuse_to_wait_for_itself("shared_mutex::lock_shared()");
        if (share_again())
            return;
        if (!inner_.try_lock_shared())
            detail::lock_detached(this, nullptr, [this] { inner_.lock_shared(); });
        note_hold();
    }

    /// Never blocks; also false if the calling thread holds it exclusively.
    [[nodiscard]] bool try_lock_shared() noexcept {
        if (held_by_this_thread())
            return false;
        if (share_again())
            return true;
        if (!inner_.try_lock_shared())
            return false;
        note_hold();
        return true;
    }

    void unlock_shared() noexcept {
        if (detail::shared_holds::hold *const own = own_hold()) {
            if (--own->times != 0)
                return;
            own->which = nullptr;
        }
        detail::forget_lock(this);
        inner_.unlock_shared();
    }

    /// Whether the calling thread holds it exclusively.
    [[nodiscard]] bool held_by_this_thread() const noexcept {
        return owner_.load(std::memory_order_relaxed) == detail::this_thread_ident();
    }

private:
    [[nodiscard]] detail::shared_holds::hold *own_hold() const noexcept {
        return detail::shared_by_this_thread.find(this);
    }

    [[nodiscard]] bool share_again() noexcept {
        detail::shared_holds::hold *const own = own_hold();
        if (own == nullptr)
            return false;
        ++own->times;
        return true;
    }

    void note_hold() noexcept {
        detail::note_lock(this);
        if (detail::shared_holds::hold *const unused = detail::shared_by_this_thread.find(nullptr))
            *unused = {this, 1};
    }

    std::shared_mutex inner_;
    // It equals a thread's own ident only if that thread wrote it, so relaxed is enough.
    std::atomic<std::uint64_t> owner_{0};
};

namespace detail {

template <>
inline constexpr bool waiters_detach<shared_mutex> = true;
template <>
inline constexpr bool waiters_detach<std::unique_lock<shared_mutex>> = true;
template <>
inline constexpr bool waiters_detach<std::shared_lock<shared_mutex>> = true;

}  // namespace detail

}  // namespace holdfast
