// holdfast/attach/waits.hpp: locks and waits that detach, so that they cannot block Python.
//
// A thread that blocks while attached keeps its GIL. If the thread it waits for must attach first,
// neither continues. And on every build a blocked attached thread delays whatever must stop all
// threads, such as a garbage collection. So everything here detaches before it blocks, and attaches
// again after the wait.
//
// Attaching while holding a holdfast::mutex is safe: its owner may wait for the GIL, but no thread
// waits for the mutex while it has the GIL. With a plain std::mutex a thread may do that, hence
// wait()'s extra step, which needs a lock with try_lock().
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

#include <holdfast/attach/guards.hpp>
#include <holdfast/attach/task_waits.hpp>
#include <holdfast/process/trace_hooks.hpp>

namespace holdfast {

namespace detail {

[[noreturn]] void refuse_to_wait_for_itself(const char *what);
[[noreturn]] void refuse_to_upgrade(const char *what);
[[noreturn]] void refuse_unlock(const char *what) noexcept;

/// Debug builds abort if a thread unlocks what it has not locked. Release builds do not check.
inline void check_unlock([[maybe_unused]] bool is_owner,
                         [[maybe_unused]] const char *what) noexcept {
#if HOLDFAST_DEBUG
    if (!is_owner)
        refuse_unlock(what);
#endif
}

// For the watchdog, which reports who holds what and who waits for it. `lock` only identifies the
// lock and is not dereferenced; `made`, where the lock was made, is within the lock.

inline void note_lock(const void *lock, const call_site *made = nullptr) noexcept {
    if (thread_track *const seen = track_for_locks())
        add_lock(*seen, lock, made);
}

inline void note_failed_try(const void *lock) noexcept {
    if (thread_track *const seen = track_of_this_thread())
        note_failed_try(*seen, lock);
}

inline void forget_lock(const void *lock) noexcept {
    if (thread_track *const seen = track_of_this_thread())
        remove_lock(*seen, lock);
}

/// Blocks in `take()`, detached. Returns with the lock, which has no owner yet.
template <class Take>
void lock_detached(const void *lock, const call_site *made, Take &&take) {
    thread_track *const seen = track_for_locks();
    const detached_scope detached;
    if (seen != nullptr)
        begin_lock_wait(*seen, lock, made);
    take();
    if (seen != nullptr)
        end_lock_wait(*seen, made);
}

}  // namespace detail

/// A mutex whose waiters wait detached. Use it for everything that attached threads also lock.
///
/// Works with std::lock_guard, std::unique_lock, std::scoped_lock and holdfast::wait().
///
/// Owns:       nothing of Python; may be constant-initialised and outlive the interpreter.
/// Threads:    any, attached or not; unlock() on the thread that locked: debug builds abort on
///             another thread (HF213).
/// Lock order: may be held while attaching. Not recursive: if the owner locks it again, as a
///             __del__ that runs in the middle of the owner's work may, lock() throws instead of
///             hanging.
class mutex {
public:
    /// \param made  where it was made: reports name it by this line.
    HOLDFAST_DETAIL_CONSTEXPR_MUTEX mutex(
        call_site made = call_site::current()) noexcept  // as for guards
        : made_(made) {}
    mutex(const mutex &) = delete;
    mutex &operator=(const mutex &) = delete;

    /// \throws usage_error  HF221 if the calling thread already holds it.
    void lock() {
        if (held_by_this_thread())
            detail::refuse_to_wait_for_itself("mutex::lock()");
        if (!inner_.try_lock())
            detail::lock_detached(this, &made_, [this] { inner_.lock(); });
        detail::note_lock(this, &made_);
        owner_.store(detail::this_thread_ident(), std::memory_order_relaxed);
    }

    /// Never blocks; also false if the calling thread already holds it.
    [[nodiscard]] bool try_lock() noexcept {
        if (held_by_this_thread())
            return false;
        if (!inner_.try_lock()) {
            detail::note_failed_try(this);
            return false;
        }
        detail::note_lock(this, &made_);
        owner_.store(detail::this_thread_ident(), std::memory_order_relaxed);
        return true;
    }

    void unlock() noexcept {
        detail::check_unlock(held_by_this_thread(), "mutex");
        detail::forget_lock(this);
        owner_.store(0, std::memory_order_relaxed);
        inner_.unlock();
    }

    /// Whether the calling thread is the owner: for code that may run in the middle of the owner's
    /// work.
    [[nodiscard]] bool held_by_this_thread() const noexcept {
        return owner_.load(std::memory_order_relaxed) == detail::this_thread_ident();
    }

private:
    std::mutex inner_;
    // It equals a thread's own ident only if that thread wrote it, so relaxed is enough.
    std::atomic<std::uint64_t> owner_{0};
    const call_site made_;
};

namespace detail {

/// Whether all waiters of a lock wait detached, so that it may be held while attaching.
template <class Lock>
constexpr bool waiters_detach = false;
template <>
inline constexpr bool waiters_detach<mutex> = true;
template <>
inline constexpr bool waiters_detach<std::unique_lock<mutex>> = true;

/// Whether a lock has a usable try_lock(). std::unique_lock always declares one, whatever its mutex
/// has.
template <class Lock, class = void>
constexpr bool can_try = false;
template <class Lock>
inline constexpr bool
    can_try<Lock, std::void_t<decltype(static_cast<bool>(std::declval<Lock &>().try_lock()))>> =
        true;
template <class Mutex>
inline constexpr bool can_try<std::unique_lock<Mutex>> = can_try<Mutex>;

/// One wait of an attached thread. Returns attached, with the lock held, and never blocks on one of
/// the two while holding the other.
///
/// A lock without try_lock() can only be blocked on: either detached, attaching afterwards with the
/// lock held, or while holding the GIL. The second deadlocks with every owner that attaches or
/// calls Python, and cannot be avoided. The first deadlocks only with a thread that waits for this
/// lock while attached. That is a mistake with any lock that is held while calling Python, and the
/// predicate runs while this one is held. So we wait detached.
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
            lock.lock();  // sleep until it was free once; then try again while attached
            lock.unlock();
        }
}

}  // namespace detail

/// Waits until `ready()` is true, detached while it sleeps.
///
/// `ready` runs with the lock held, attached if the caller is. As with
/// condition_variable_any::wait(), the lock is held when this returns, and when `ready` throws.
/// \param lock  locked by the caller: a std::unique_lock of any mutex, a holdfast::mutex, or any
///              other type with lock() and unlock(). If it has no try_lock(), threads must lock it
///              detached.
template <class Lock, class Pred>
void wait(std::condition_variable_any &changed, Lock &lock, Pred ready) {
    while (!ready()) {
        if (attached())
            detail::wait_detached(changed, lock);
        else
            changed.wait(lock);
    }
}

/// The state of call_once(). Constant-initialised, so it may be a namespace-scope or static
/// variable.
///
/// Threads: any, attached or not.
class once_flag {
public:
    once_flag() noexcept = default;
    once_flag(const once_flag &) = delete;
    once_flag &operator=(const once_flag &) = delete;

private:
    template <class F>
    friend void call_once(once_flag &flag, F &&initialise);

    mutex running_;  // held while an initialiser runs
    std::atomic<bool> done_{false};
};

/// Runs `initialise()` once, however many threads call this; the others wait for it, detached.
///
/// It runs attached if its caller is. If it throws, the flag stays unset and the next caller tries
/// again. Use it instead of a function-local static whose initialiser calls Python: a thread that
/// waits for such a static while attached deadlocks with the thread that initialises it.
/// \throws usage_error  HF221 if `initialise` calls call_once() with its own flag.
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

/// Whether a future is known, without a wait, to be ready.
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
/// The future's value or exception is taken after the thread has attached again.
/// \throws usage_error  HF305 a pool's task calls it, and the result depends on pool threads that
///                      all wait like this one. It does not detect other kinds of waits, or futures
///                      from other sources.
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
/// holdfast::get(pool.submit(f)): for a temporary future.
template <class T, template <class> class Future>
auto get(Future<T> &&future) -> decltype(future.wait(), static_cast<T>(future.get())) {
    return holdfast::get(future);
}

/// thread.join(), detached while it waits.
///
/// A thread that was attached deletes its thread state when it exits, and must attach to do so.
/// With a plain join(), an attached thread would wait for it while it waits for the GIL.
/// \throws std::system_error  like std::thread::join().
inline void join(std::thread &thread) {
    const detach_guard detached;
    thread.join();
}

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/waits.ipp>
#endif
