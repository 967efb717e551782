// holdfast/gate/gate.hpp: which threads are inside an interpreter, and a door that can be closed.
//
// Must not include <Python.h>: ThreadSanitizer, the model and the stress run need it bare.
//
// Longer than other files: the argument below is about two words, and every access to them is here.
//
// Why no thread slips through
// ---------------------------
// Each thread owns one entry per interpreter. Two words matter: `inside_` of the entry (written
// only by its owner) and `state_` of the gate (written only by open/close, under the mutex).
//
//   enter:  E1 inside = 1      close:  C1 state = closed
//           E2 barrier                 C2 barrier
//           E3 read state              C3 read every inside
//
// This is Dekker's pattern. If E3 reads "open", then E1 happened before C3: C3 reads 1 and close
// waits. If C3 reads 0, then C1 happened before E3: E3 reads "closed" and the thread is refused.
// Each may see the other (the thread steps back out, close waits a moment), but it cannot happen
// that neither does.
//
//   leave:  L1 inside = 0      wait:   C1, C2 as above, done once
//           L2 barrier                 W1 under the mutex: read every inside; if one is 1, sleep
//           L3 read state
//           L4 if closed: lock, notify
//
// The same pattern: if W1 reads 1, then L3 comes after C1 and reads "closed", so L4 notifies. W1
// and L4 take the same mutex, so the notification cannot come between W1's read and its sleep.
//
// The barriers E2 and L2 are on the fast path. Where the kernel has membarrier(2) they are only
// compiler barriers: C2 makes every running thread of the process execute a full one, so that each
// E1/E3 pair is either wholly before it (E1 visible to C3) or has E3 after it (C1 visible to E3).
// Elsewhere, and under ThreadSanitizer, which does not know membarrier, all four accesses are
// sequentially consistent, and the single total order forbids the same outcome.
//
// Each library makes that choice for itself, depending on how it was built and when it was loaded,
// but all libraries of the process share a gate. So a library that leaves E2 and L2 to the closing
// thread says so in the process record (P1) and then executes a full barrier, before any thread
// enters through its code. A closing thread, of whatever library, reads that word after C1. If it
// reads "no library does", P1 comes after C1, and so does every E3 of that library: it reads
// "closed".
//
// The owner links its entry under the mutex before its first enter. If the closing thread looked
// earlier, the owner took the mutex after it, so E3 reads "closed".
//
// After L1 the interpreter may be gone, but the gate must not be: L4 touches its mutex and
// condition. So a gate is never freed (it lives in a record that is recycled, see registry.hpp).
//
// tests/model/gate.pml states the same for the model checker and refers to the lines by these
// labels.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include <holdfast/closed_reason.hpp>
#include <holdfast/gate/call_site.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/barrier.hpp>
#include <holdfast/platform/clock.hpp>
#include <holdfast/platform/condition.hpp>
#include <holdfast/platform/plain_mutex.hpp>
#include <holdfast/platform/process.hpp>
#include <holdfast/platform/thread_name.hpp>

namespace holdfast::detail {

/// What a thread left behind when it ended: an attach_guard that was still alive or, if the gate
/// was closed, its cached thread state. Owned by the gate.
struct left_guard {
    bool is_guard = false;
    call_site where = call_site::at(nullptr, 0);
    std::int64_t since = 0;
    std::uint64_t native_id = 0;
    thread_name_text name;
    const void *cached_state = nullptr;
    left_guard *next = nullptr;
};

/// The presence of one thread, or of one interpreter_guard, in one interpreter.
///
/// Owns:    nothing; its thread's record (or the guard) owns it.
/// Threads: only the owning thread writes `inside_`, `since_`, `file_` and `line_`; the closing
///          thread reads them. The ids are written before the entry is linked, or under the gate's
///          mutex. That mutex guards the links.
class alignas(64) gate_entry {
public:
    std::atomic<std::uint32_t> inside_{0};
    std::atomic<std::int64_t> since_{0};  // coarse_now() of the enter
    std::atomic<const char *> file_{nullptr};
    std::atomic<unsigned> line_{0};
    std::atomic<bool> interrupted_{false};  // asked to leave; written under the gate's mutex
    std::uint64_t native_id = 0;            // the kernel's thread id
    std::uint64_t thread_id = 0;    // pthread_self() as a number, CPython's thread ident; 0: no
                                    // thread's
    bool is_guard = false;          // an interpreter_guard: present without being attached
    bool is_attach_helper = false;  // holdfast's own, to see which threads are inside; no report
                                    // lists it
    // The PyThreadState that the thread caches. A state read here under the gate's mutex stays
    // alive until the mutex is released: see gate::forget_state().
    std::atomic<const void *> cached_state_{nullptr};
    gate_entry *next = nullptr;  // guarded by gate::mutex_
    gate_entry *prev = nullptr;  // guarded by gate::mutex_

    /// Where the owner entered.
    [[nodiscard]] call_site site() const noexcept {
        return call_site::at(file_.load(std::memory_order_relaxed),
                             line_.load(std::memory_order_relaxed));
    }

    /// Whether this is a guard that its maker gave away; its owner is now unknown. Under the gate's
    /// mutex.
    [[nodiscard]] bool is_handed_over() const noexcept { return is_guard && thread_id == 0; }
};

/// Admits threads while it is open; once closed, waits for those inside to leave. Starts closed.
///
/// Threads:    any member from any thread, but enter/leave only from the thread that owns the entry.
/// Lock order: `mutex_` is a leaf: no Python call and no user code runs under it, and nothing that takes
///             the lock of Windows' loader, which a thread that ends has when it calls unlink().
class gate {
public:
    gate() = default;
    gate(const gate &) = delete;
    gate &operator=(const gate &) = delete;

    /// Adds an entry. Called once by its owner's thread, before its first enter().
    void link(gate_entry &entry) noexcept {
        const mutex_hold hold(mutex_);
        link_locked(entry);
    }

    /// Removes an entry. Called by its owner's thread. If the thread ends with a guard still alive,
    /// the entry is inside; it is removed all the same, because nobody else could make it leave. A
    /// note of it remains, and also a note of a thread state that is left behind.
    void unlink(gate_entry &entry) noexcept {
        {
            const mutex_hold hold(mutex_);
            unlink_locked(entry);
            const bool was_inside = entry.inside_.exchange(0, std::memory_order_relaxed) != 0;
            const bool leaves_state =
                entry.cached_state_.load(std::memory_order_relaxed) != nullptr &&
                state_.load(std::memory_order_relaxed) == finalizing_state;
            if (!was_inside && !leaves_state)
                return;
            if (auto *const note = new (std::nothrow) left_guard) {
                note->is_guard = was_inside;
                note->where = entry.site();
                note->since = entry.since_.load(std::memory_order_relaxed);
                note->native_id = entry.native_id;
                if (was_inside)
                    note->name = thread_name(entry.native_id);
                note->cached_state = entry.cached_state_.load(std::memory_order_relaxed);
                note->next = left_guards_;
                left_guards_ = note;
            }
        }
        emptier_.notify_all();
    }

    /// Admits the owner of `entry`, or refuses. Each true requires one leave().
    [[nodiscard]] HOLDFAST_DETAIL_INLINE bool enter(gate_entry &entry, call_site site) noexcept {
        // Read the state before E1: once a thread sees that the gate is closed, it does not disturb
        // those who wait for the gate to empty, however often it comes back.
        if (state_.load(std::memory_order_relaxed) != open_state)
            return false;
        entry.file_.store(site.file(), std::memory_order_relaxed);
        entry.line_.store(site.line(), std::memory_order_relaxed);
        entry.since_.store(coarse_now(), std::memory_order_relaxed);
        if (publish(entry.inside_, 1) == open_state)  // E1 E2 E3
            return true;
        leave(entry);
        return false;
    }

    /// Enters whether the gate is open or not. For threads that the threads inside need.
    void enter_always(gate_entry &entry, call_site site) noexcept {
        entry.file_.store(site.file(), std::memory_order_relaxed);
        entry.line_.store(site.line(), std::memory_order_relaxed);
        entry.since_.store(coarse_now(), std::memory_order_relaxed);
        entry.inside_.store(1, std::memory_order_seq_cst);
    }

    HOLDFAST_DETAIL_INLINE void leave(gate_entry &entry) noexcept {
        if (publish(entry.inside_, 0) != open_state)  // L1 L2 L3
            wake();                                   // L4
    }

    /// enter() and link() in one step, for an entry that may leave on another thread.
    [[nodiscard]] bool enter_linked(gate_entry &entry, bool even_if_closed,
                                    call_site site) noexcept {
        const mutex_hold hold(mutex_);
        if (!even_if_closed && state_.load(std::memory_order_relaxed) != open_state)
            return false;
        enter_always(entry, site);
        link_locked(entry);
        return true;
    }

    /// leave() and unlink() in one step. Any thread.
    void leave_linked(gate_entry &entry) noexcept {
        {
            const mutex_hold hold(mutex_);
            if (entry.inside_.exchange(0, std::memory_order_relaxed) == 0)
                return;  // a fork, or the next interpreter, has already removed it
            unlink_locked(entry);
        }
        emptier_.notify_all();
    }

    /// The entry no longer belongs to the thread that made it: has_guard_of() ignores it.
    void disown(gate_entry &entry) noexcept {
        const mutex_hold hold(mutex_);
        entry.thread_id = 0;
    }

    void open() noexcept {
        const mutex_hold hold(mutex_);
        forget_interruptions_locked();
        state_.store(open_state, std::memory_order_seq_cst);
    }

    /// Refuses newcomers from now on. Does not wait.
    void close(closed_reason reason) noexcept {
        const mutex_hold hold(mutex_);
        state_.store(static_cast<std::uint32_t>(reason), std::memory_order_seq_cst);  // C1
        if (barriers_are_asymmetric() || (somebody_relies_ != nullptr && somebody_relies_->load()))
            process_wide_barrier();  // C2
    }

    /// \param somebody_relies  whether any library of the process leaves the barrier to the closing
    ///     thread. Each such library sets it before its first thread enters, and then executes a
    ///     full barrier.
    void share_barriers(const std::atomic<bool> &somebody_relies) noexcept {
        somebody_relies_ = &somebody_relies;
    }

    /// Waits until all threads have left a closed gate. The caller must be detached: a thread
    /// inside may need the GIL to leave.
    ///
    /// \return true once no thread is inside, false at the deadline.
    [[nodiscard]] bool wait_empty(std::chrono::steady_clock::time_point deadline) {
        mutex_hold hold(mutex_);
        const auto empty = [this] { return count_locked() == 0; };  // C3 W1
        if (deadline == std::chrono::steady_clock::time_point::max()) {
            emptier_.wait(hold, empty);
            return true;
        }
        return emptier_.wait_until(hold, deadline, empty);
    }

    [[nodiscard]] std::size_t count() const noexcept {
        const mutex_hold hold(mutex_);
        return count_locked();
    }

    /// Calls `visit(entry)` for each entry inside, under the mutex: `visit` must not block or
    /// attach.
    template <class Visit>
    void for_each_inside(Visit &&visit) const {
        const mutex_hold hold(mutex_);
        for (const gate_entry *entry = first_; entry != nullptr; entry = entry->next)
            if (entry->inside_.load(std::memory_order_acquire) != 0)
                visit(*entry);
    }

    /// Like for_each_inside(), for every living thread that has ever been inside.
    template <class Visit>
    void for_each_entry(Visit &&visit) const {
        const mutex_hold hold(mutex_);
        for (const gate_entry *entry = first_; entry != nullptr; entry = entry->next)
            visit(*entry);
    }

    /// Like for_each_inside(), for each note of what a thread left behind when it ended.
    template <class Visit>
    void for_each_left_guard(Visit &&visit) const {
        const mutex_hold hold(mutex_);
        for (const left_guard *note = left_guards_; note != nullptr; note = note->next)
            visit(*note);
    }

    /// The owner of `entry` is about to delete its cached state. Other threads read the state under
    /// the mutex, while finalization is held back. They either did so before this call, and are
    /// done when it returns, or they find no state.
    void forget_state(gate_entry &entry) noexcept {
        const mutex_hold hold(mutex_);
        entry.cached_state_.store(nullptr, std::memory_order_relaxed);
    }

    /// The interpreter is gone, and so are all its states and what the notes describe. Call it only
    /// while the gate is closed, so that no owner of an entry creates a state.
    void forget_left_guards() noexcept {
        const mutex_hold hold(mutex_);
        for (gate_entry *entry = first_; entry != nullptr; entry = entry->next)
            entry->cached_state_.store(nullptr, std::memory_order_relaxed);
        while (left_guards_ != nullptr)
            delete std::exchange(left_guards_, left_guards_->next);
    }

    /// A new interpreter gets this gate. A thread that is still inside was in the one before, came
    /// when that no longer waited, and never returns: CPython stopped it when it wanted to attach
    /// again. A guard that is still held was of the one before, too: its end finds that it has been
    /// removed. A gate_pass stays, because its thread may be waiting for the new interpreter. Call
    /// it only while the gate is closed, and before any thread can know the new interpreter's
    /// generation: a thread that is just being refused steps back in any case.
    void forget_stopped_threads() noexcept {
        const mutex_hold hold(mutex_);
        for (gate_entry *entry = first_; entry != nullptr;) {
            gate_entry *const next = entry->next;
            if (!entry->is_guard || !entry->is_attach_helper)
                entry->inside_.store(0, std::memory_order_seq_cst);
            if (entry->is_guard && !entry->is_attach_helper)
                unlink_locked(*entry);
            entry = next;
        }
    }

    /// The gate is about to open: no thread inside is asked to leave any more.
    void forget_interruptions() noexcept {
        const mutex_hold hold(mutex_);
        forget_interruptions_locked();
    }

    /// Records that every thread inside is asked to leave, until the gate opens again. Calls
    /// `visit(entry)` for each, under the mutex: `visit` must not block or attach.
    template <class Visit>
    void interrupt_each_inside(Visit &&visit) {
        const mutex_hold hold(mutex_);
        for (gate_entry *entry = first_; entry != nullptr; entry = entry->next)
            if (!entry->is_guard && !entry->is_attach_helper &&
                entry->inside_.load(std::memory_order_acquire) != 0) {
                entry->interrupted_.store(true, std::memory_order_relaxed);
                visit(*entry);
            }
    }

    /// Whether finalization has asked the thread `thread_id`, which is inside, to leave.
    [[nodiscard]] bool has_interrupted(std::uint64_t thread_id) const noexcept {
        bool found = false;
        for_each_inside([&](const gate_entry &entry) {
            found = found || (entry.thread_id == thread_id &&
                              entry.interrupted_.load(std::memory_order_relaxed));
        });
        return found;
    }

    /// Whether the thread `thread_id` took an interpreter_guard that is still held.
    [[nodiscard]] bool has_guard_of(std::uint64_t thread_id) const noexcept {
        bool found = false;
        for_each_inside([&](const gate_entry &entry) {
            found = found || (entry.is_guard && entry.thread_id == thread_id);
        });
        return found;
    }

    [[nodiscard]] bool is_open() const noexcept {
        return state_.load(std::memory_order_acquire) == open_state;
    }

    /// closed_reason::none while open.
    [[nodiscard]] closed_reason reason() const noexcept {
        return static_cast<closed_reason>(state_.load(std::memory_order_acquire));
    }

#if HOLDFAST_DETAIL_HAS_FORK
    // For fork(): the three steps of pthread_atfork. In the child only the forking thread exists.
    void before_fork() noexcept { mutex_.lock(); }
    void after_fork_in_parent() noexcept { mutex_.unlock(); }

    /// Keeps only the entries for which `survivor(entry)` is true; the threads of the others do not
    /// exist in the child.
    template <class Survivor>
    void after_fork_in_child(closed_reason reason, Survivor &&survivor) noexcept {
        for (gate_entry *entry = first_; entry != nullptr;) {
            gate_entry *const next = entry->next;
            if (!survivor(*entry)) {
                entry->inside_.store(0, std::memory_order_relaxed);
                unlink_locked(*entry);
            }
            entry = next;
        }
        state_.store(static_cast<std::uint32_t>(reason), std::memory_order_seq_cst);
        emptier_.renew();
        mutex_.unlock();
    }
#endif

private:
    static constexpr std::uint32_t open_state = static_cast<std::uint32_t>(closed_reason::none);
    static constexpr std::uint32_t finalizing_state =
        static_cast<std::uint32_t>(closed_reason::finalizing);

    /// Stores `value` in the owner's word, then reads the gate's: steps 1 to 3 of enter and leave.
    HOLDFAST_DETAIL_INLINE std::uint32_t publish(std::atomic<std::uint32_t> &word,
                                                 std::uint32_t value) noexcept {
        if (barriers_are_asymmetric()) {
            word.store(value, std::memory_order_release);
            std::atomic_signal_fence(std::memory_order_seq_cst);
            return state_.load(std::memory_order_acquire);
        }
        word.store(value, std::memory_order_seq_cst);
        return state_.load(std::memory_order_seq_cst);
    }

    HOLDFAST_DETAIL_COLD void wake() noexcept {
        // Take the mutex even though nothing is done under it: that keeps the notification from
        // coming between the closing thread's read and its sleep.
        { const mutex_hold hold(mutex_); }
        emptier_.notify_all();
    }

    [[nodiscard]] std::size_t count_locked() const noexcept {
        std::size_t inside = 0;
        for (const gate_entry *entry = first_; entry != nullptr; entry = entry->next)
            inside += entry->inside_.load(std::memory_order_seq_cst) != 0 ? 1U : 0U;
        return inside;
    }

    void forget_interruptions_locked() noexcept {
        for (gate_entry *entry = first_; entry != nullptr; entry = entry->next)
            entry->interrupted_.store(false, std::memory_order_relaxed);
    }

    void link_locked(gate_entry &entry) noexcept {
        entry.prev = nullptr;
        entry.next = first_;
        if (first_ != nullptr)
            first_->prev = &entry;
        first_ = &entry;
    }

    void unlink_locked(gate_entry &entry) noexcept {
        (entry.prev != nullptr ? entry.prev->next : first_) = entry.next;
        if (entry.next != nullptr)
            entry.next->prev = entry.prev;
        entry.next = entry.prev = nullptr;
    }

    // Every attach reads it, only open and close write it: kept off the mutex's cache line.
    alignas(64) std::atomic<std::uint32_t> state_{
        static_cast<std::uint32_t>(closed_reason::not_started)};
    alignas(64) mutable plain_mutex mutex_;  // guards first_, the links, and writes of state_
    condition emptier_;                      // an entry has left a closed gate
    // Set before other threads see the gate; null: as this library does
    const std::atomic<bool> *somebody_relies_ = nullptr;
    gate_entry *first_ = nullptr;
    left_guard *left_guards_ = nullptr;  // guarded by mutex_; the newest first
};

}  // namespace holdfast::detail
