// holdfast/process/shared_records.hpp: how all libraries of a process find the same records.
//
// Must not include <Python.h>.
//
// `holdfast_process_v1`, a pointer, is the one documented symbol that holdfast exports. Libraries
// that were linked or loaded globally share it by the linker's own rules. A library that the linker
// kept apart (loaded locally, into a host that does not export it) gets the pointer from the
// interpreter it attaches to (register_interpreter.hpp).
//
// A thread's record is stored under a key of the system, not in a C++ thread_local. On POSIX a
// key's destructor runs after all thread_local destructors, so a user's thread_local object that
// attaches in its own destructor still finds the record. And it does not run on a thread that calls
// exit(), where attaching would be fatal.
//
// On Windows all of that happens under the loader's lock, where waiting for Python may never end. So
// there a thread that ends leaves the states that it has cached to the next thread that attaches.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include <holdfast/gate/registry.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/library.hpp>
#include <holdfast/platform/thread.hpp>
#include <holdfast/platform/thread_storage.hpp>

extern "C" {
/// The process_record of this process. Layout: its first word is process_record::current_layout.
HOLDFAST_DETAIL_PUBLISHED std::atomic<void *> holdfast_process_v1{nullptr};
}

namespace holdfast::detail {

/// The process record that this library uses; changes at most once, before it is first used to
/// attach.
HOLDFAST_DETAIL_PRIVATE inline std::atomic<process_record *> process_of_this_library{nullptr};

#if HOLDFAST_DETAIL_ENDS_UNDER_LOADER_LOCK
/// This thread's record. Read from its key: when a thread ends, a compiler that emulates
/// thread_local may have freed such variables.
class thread_record_of_key {
public:
    operator thread_record *() const noexcept {
        process_record *const shared = process_of_this_library.load(std::memory_order_acquire);
        return shared != nullptr
                   ? static_cast<thread_record *>(thread_exit_key(shared->thread_key).get())
                   : nullptr;
    }
    thread_record *operator->() const noexcept { return *this; }
};
inline constexpr thread_record_of_key cached_thread{};
#else
/// This thread's record as this library last saw it. The record clears it when it dies.
HOLDFAST_DETAIL_PRIVATE inline thread_local thread_record *cached_thread = nullptr;
#endif

/// The record that this library made, if it made one; it holds this record's locks over a fork.
/// Once join_process() has replaced process_of_this_library, the two differ, and the other record's
/// maker holds the other record's locks.
HOLDFAST_DETAIL_PRIVATE inline std::atomic<process_record *> process_made_here{nullptr};

process_record *find_process() noexcept;

inline process_record &process() noexcept {
    process_record *const found = process_of_this_library.load(std::memory_order_acquire);
    return found != nullptr ? *found : *find_process();
}

/// The number, plus one, of the key under which a thread has its innermost gate_pass. 0: it is not
/// made yet, or the system has no more keys.
inline std::atomic<std::uintptr_t> key_of_passes{0};

/// Until the end of the scope, the interpreter's end waits as it does for a guard, but no report
/// lists this.
///
/// CPython may end the thread in this scope, where it wants to attach. Up to 3.13 it does so by
/// pthread_exit() or the like, which only with glibc unwinds the stack; elsewhere the end of the
/// thread leaves its passes, while there still is a stack. If the stack is unwound, the thread is
/// stopped, and leaves them first. From 3.14 on CPython itself stops the thread, and it stays inside.
class gate_pass {
public:
    /// \param thread  a thread that may attach meanwhile although the gate is closed. 0: no thread.
    gate_pass(gate &door, bool even_if_closed, std::uint64_t thread, call_site site) noexcept
        : door_(door) {
        entry_.is_guard = entry_.is_attach_helper = true;
        entry_.thread_id = thread;
        inside_ = door_.enter_linked(entry_, even_if_closed, site);
        if (const std::uintptr_t number = key_of_passes.load(std::memory_order_acquire)) {
            const thread_exit_key key(number - 1);
            outer_ = static_cast<gate_pass *>(key.get());
            is_listed_ = key.set(this);
        }
    }
    gate_pass(const gate_pass &) = delete;
    gate_pass &operator=(const gate_pass &) = delete;
    ~gate_pass() {
        if (is_listed_)
            thread_exit_key(key_of_passes.load(std::memory_order_relaxed) - 1).set(outer_);
        leave();
    }
    explicit operator bool() const noexcept { return inside_; }

    /// Leaves passes of the calling thread, which does not come back to them.
    /// \param innermost  a gate_pass, or null.
    static void leave_all(void *innermost) noexcept {
        for (auto *one = static_cast<gate_pass *>(innermost); one != nullptr; one = one->outer_)
            one->leave();
    }

private:
    void leave() noexcept {
        if (std::exchange(inside_, false))
            door_.leave_linked(entry_);
    }

    gate &door_;
    gate_entry entry_;
    gate_pass *outer_ = nullptr;
    bool inside_ = false;
    bool is_listed_ = false;
};

/// Leaves all passes of the calling thread.
void leave_passes() noexcept;

// --- finding the records ------------------------------------------------------------------------

process_record *find_process() noexcept;

/// Makes this library use `shared` from now on. The first attach calls it, attached
/// (register_interpreter.hpp).
inline void join_process(process_record &shared) noexcept {
    shared.say_who_pays();
    process_of_this_library.store(&shared, std::memory_order_release);
}

thread_record *make_thread(process_record &shared) noexcept;

/// The calling thread's record, created if necessary; null: no memory.
inline thread_record *this_thread() noexcept {
    process_record &shared = process();
    thread_record *const record = cached_thread;
    if (record != nullptr && record->process == &shared)
        return record;
    return make_thread(shared);
}

thread_slot *make_slot(thread_record &record, interpreter_record &wanted) noexcept;

/// The thread's slot for an interpreter, created if necessary; null: no memory.
inline thread_slot *slot_for(thread_record &record, interpreter_record &wanted) noexcept {
    if (record.main_slot.record == &wanted)
        return &record.main_slot;
    for (thread_slot *slot = record.other_slots; slot != nullptr; slot = slot->next)
        if (slot->record == &wanted)
            return slot;
    return make_slot(record, wanted);
}

/// Whether the calling thread itself is inside, through an attach or a guard: a drain of this
/// interpreter would wait for it.
HOLDFAST_DETAIL_COLD inline bool is_inside(interpreter_record &record) noexcept {
    thread_record *const self = this_thread();
    thread_slot *const slot = self != nullptr ? slot_for(*self, record) : nullptr;
    return (slot != nullptr && slot->is_inside()) || record.door.has_guard_of(this_thread_ident());
}

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/process/shared_records.ipp>
#endif
