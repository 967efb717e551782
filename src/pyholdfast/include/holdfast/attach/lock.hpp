// holdfast/attach/lock.hpp: locks and waits that detach, so that no wait stops Python or deadlocks with it.
//
// A thread that blocks while attached keeps its GIL. If whoever it waits for must attach first,
// neither goes on; and on every build a blocked attached thread holds up whatever must stop all
// threads, e.g. a garbage collection. So everything here detaches before it blocks, and attaches
// again after the wait.
//
// Why attaching while a holdfast::mutex is held is safe: its owner may wait for the GIL, but nobody
// waits for the mutex with the GIL in hand. With a plain std::mutex somebody may, hence wait()'s
// extra step, for which a lock must be one that can be tried.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

#include <holdfast/attach/task_waits.hpp>
#include <holdfast/attach/thread_state.hpp>
#include <holdfast/process/trace_hooks.hpp>

namespace holdfast {

namespace detail {

[[noreturn]] void refuse_to_wait_for_itself(const char *what);
[[noreturn]] void refuse_to_upgrade(const char *what);
[[noreturn]] void refuse_unlock(const char *what) noexcept;

/// Debug builds abort where a thread unlocks what it has not locked. In release builds nobody
/// looks.
inline void check_unlock([[maybe_unused]] bool is_owner,
                         [[maybe_unused]] const char *what) noexcept {
#if defined(HOLDFAST_DEBUG) && HOLDFAST_DEBUG
    if (!is_owner)
        refuse_unlock(what);
#endif
}

// For the watchdog, which names who holds what and who waits for it. `lock` is a name for it, and
// not looked into.

inline void note_lock(const void *lock) noexcept {
    if (thread_track *const seen = track_for_locks())
        add_lock(*seen, lock);
}

inline void forget_lock(const void *lock) noexcept {
    if (thread_track *const seen = track_of_this_thread())
        remove_lock(*seen, lock);
}

/// Blocks in `take()`, detached. Comes back with the lock, which has no owner yet.
template <class Take>
void lock_detached(const void *lock, Take &&take) {
    thread_track *const seen = track_for_locks();
    const detached_scope detached;
    if (seen != nullptr)
        begin_lock_wait(*seen, lock);
    take();
    if (seen != nullptr)
        end_lock_wait(*seen);
}

}  // namespace detail

/// A mutex that its waiters wait for detached. Use it for whatever is also locked by attached
/// threads.
///
/// Works with std::lock_guard, std::unique_lock, std::scoped_lock and holdfast::wait().
///
/// Owns:       nothing of Python; may be constant-initialised and outlive the interpreter.
/// Threads:    any, attached or not; unlock() on the thread that locked: debug builds abort
///             elsewhere (HF213).
/// Lock order: may be held while attaching. Not recursive: where the owner locks again, as a __del__
///             that Python runs in the middle of the owner's work may, it throws instead of hanging.
class mutex {
public:
    constexpr mutex() noexcept = default;
    mutex(const mutex &) = delete;
    mutex &operator=(const mutex &) = delete;

    /// \throws usage_error  HF221 if the calling thread holds it already.
    void lock() {
        if (held_by_this_thread())
            detail::refuse_to_wait_for_itself("mutex::lock()");
        if (!inner_.try_lock())
            detail::lock_detached(this, [this] { inner_.lock(); });
        detail::note_lock(this);
        owner_.store(detail::this_thread_ident(), std::memory_order_relaxed);
    }

    /// Never blocks; false also if the calling thread holds it already.
    [[nodiscard]] bool try_lock() noexcept {
        if (held_by_this_thread() || !inner_.try_lock())
            return false;
        detail::note_lock(this);
        owner_.store(detail::this_thread_ident(), std::memory_order_relaxed);
        return true;
    }

    void unlock() noexcept {
        detail::check_unlock(held_by_this_thread(), "mutex");
        detail::forget_lock(this);
        owner_.store(0, std::memory_order_relaxed);
        inner_.unlock();
    }

    /// For what may run in the middle of the owner's work: whether the owner is this very thread.
    [[nodiscard]] bool held_by_this_thread() const noexcept {
        return owner_.load(std::memory_order_relaxed) == detail::this_thread_ident();
    }

private:
    std::mutex inner_;
    // Only ever equal to a thread's own ident if that thread wrote it, so relaxed is enough.
    std::atomic<std::uint64_t> owner_{0};
};

namespace detail {

/// Whether all waiters for a lock wait detached, so that it may be held while attaching.
template <class Lock>
constexpr bool waiters_detach = false;
template <>
inline constexpr bool waiters_detach<mutex> = true;
template <>
inline constexpr bool waiters_detach<std::unique_lock<mutex>> = true;

/// Whether a lock can be tried. std::unique_lock says so of itself, whatever its mutex can.
template <class Lock, class = void>
constexpr bool can_try = false;
template <class Lock>
inline constexpr bool
    can_try<Lock, std::void_t<decltype(static_cast<bool>(std::declval<Lock &>().try_lock()))>> =
        true;
template <class Mutex>
inline constexpr bool can_try<std::unique_lock<Mutex>> = can_try<Mutex>;

/// One wait of an attached thread. Returns attached, with the lock held, and never blocks on the
/// one while it has the other.
///
/// A lock that cannot be tried can only be blocked on: either detached, and then attaching with it
/// in hand, or with the GIL in hand. The second deadlocks with every owner that attaches or calls
/// Python, and nobody could avoid it. The first deadlocks only with a thread that waits for this
/// lock while attached, which is a mistake with any lock that is held while Python is called, as
/// this one is by the predicate. So: detached.
template <class Lock>
void wait_detached(std::condition_variable_any &changed, Lock &lock) {
    constexpr bool attach_holding = waiters_detach<Lock> || !can_try<Lock>;
    {
        const detached_scope detached;
        changed.wait(lock);
        if constexpr (!attach_holding)
            lock.unlock();
    }
    if constexpr (!attach_holding)
        while (!lock.try_lock()) {
            const detached_scope detached;
            lock.lock();  // sleep until it was free once; then try again from the attached side
            lock.unlock();
        }
}

}  // namespace detail

/// Waits until `ready()` is true, detached while it sleeps.
///
/// `ready` runs with the lock held, attached if the caller is. As with
/// condition_variable_any::wait(), the lock is held when this returns, and when `ready` throws.
/// \param lock  locked by the caller: std::unique_lock of any mutex, holdfast::mutex itself, or
///     whatever else has
///              lock() and unlock(). Without a try_lock(), whoever locks it must do so detached.
template <class Lock, class Pred>
void wait(std::condition_variable_any &changed, Lock &lock, Pred ready) {
    while (!ready()) {
        if (attached())
            detail::wait_detached(changed, lock);
        else
            changed.wait(lock);
    }
}

/// What call_once() remembers. Constant-initialised, so it may be a namespace-scope or static
/// variable.
class once_flag {
public:
    constexpr once_flag() noexcept = default;
    once_flag(const once_flag &) = delete;
    once_flag &operator=(const once_flag &) = delete;

private:
    template <class F>
    friend void call_once(once_flag &flag, F &&initialise);

    mutex running_;  // held while an initialiser runs
    std::atomic<bool> done_{false};
};

/// Runs `initialise()` once, however many threads come; the others wait for it detached.
///
/// It runs attached if its caller is. If it throws, the flag stays unset and the next caller tries
/// again. Takes the place of a function-local static whose initialiser calls Python: a thread that
/// waits for such a static while attached deadlocks with the thread that initialises it.
/// \throws usage_error  HF221 if `initialise` comes back to its own flag.
template <class F>
void call_once(once_flag &flag, F &&initialise) {
    if (flag.done_.load(std::memory_order_acquire))
        return;
    if (flag.running_.held_by_this_thread())
        detail::refuse_to_wait_for_itself("call_once()");
    const std::lock_guard<mutex> alone(flag.running_);
    if (flag.done_.load(std::memory_order_relaxed))
        return;
    std::forward<F>(initialise)();
    flag.done_.store(true, std::memory_order_release);
}

namespace detail {

/// Whether a future can say, without a wait, that it is ready, and says so.
template <class Future,
          class Answer = decltype(std::declval<const Future &>().wait_for(std::chrono::seconds(0))),
          class = decltype(Answer::ready)>
bool is_ready(const Future &future, int) {
    return future.wait_for(std::chrono::seconds(0)) == Answer::ready;
}
template <class Future>
bool is_ready(const Future &, long) {
    return false;
}

template <class Future>
void await_detached(const Future &future) {
    const detach_guard detached;
    if (seat_of_this_thread == nullptr || is_ready(future, 0))
        return future.wait();
    const listed_wait listed("get()", {task_wait::what::result, shared_state_of(future), nullptr});
    future.wait();
}

}  // namespace detail

/// future.get(), detached while it waits. For std::future and std::shared_future, which may be
/// const.
///
/// What the future holds, value or exception, is taken after the thread has attached again.
/// \throws usage_error  HF305 a task of a pool calls it, and what it waits for is left to threads
///     of pools that all wait
///                      so; not found are waits of other kinds, and futures of other makers.
template <class T, template <class> class Future>
auto get(Future<T> &future) -> decltype(future.wait(), future.get()) {
    detail::await_detached(future);
    return future.get();
}
template <class T, template <class> class Future>
auto get(const Future<T> &future) -> decltype(future.wait(), future.get()) {
    detail::await_detached(future);
    return future.get();
}
/// holdfast::get(pool.submit(f)): of a future that nobody else has.
template <class T, template <class> class Future>
auto get(Future<T> &&future) -> decltype(future.wait(), static_cast<T>(future.get())) {
    return holdfast::get(future);
}

/// thread.join(), detached while it waits.
///
/// A thread that was attached deletes its thread state when it exits, and must attach to do so; an
/// attached thread in a plain join() would wait for it, and it for the GIL.
/// \throws std::system_error  as std::thread::join().
inline void join(std::thread &thread) {
    const detach_guard detached;
    thread.join();
}

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/lock.ipp>
#endif
