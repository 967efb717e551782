// holdfast/process/shared_records.ipp: the bodies of shared_records.hpp.
#pragma once

#include <holdfast/process/shared_records.hpp>

#include <exception>
#include <new>

#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/library.hpp>
#include <holdfast/platform/process.hpp>
#include <holdfast/platform/thread.hpp>
#include <holdfast/platform/thread_cancel.hpp>
#include <holdfast/trace/thread_track.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_RARE inline void forget_caches(thread_record &record) noexcept {
    for (unsigned i = 0; i < record.cache_count; ++i)
        *record.caches[i] = nullptr;
    record.cache_count = 0;
}

HOLDFAST_DETAIL_RARE inline void end_track(thread_record &record) noexcept {
    // A forked child records nothing: the track still belongs to the parent.
    if (record.trace != nullptr && record.process->tracing.load(std::memory_order_relaxed) != 0)
        record.trace->end();
    delete record.trace;
    record.trace = nullptr;
}

HOLDFAST_DETAIL_RARE inline void unlink_slots(thread_record &record) noexcept {
    if (record.main_slot.record != nullptr)
        record.main_slot.record->door.unlink(record.main_slot.entry);
    while (record.other_slots != nullptr) {
        thread_slot *const slot = record.other_slots;
        record.other_slots = slot->next;
        slot->record->door.unlink(slot->entry);
        delete slot;
    }
}

/// The key's function. The record stays reachable while the hook runs, because the hook runs Python
/// destructors, which may attach.
HOLDFAST_DETAIL_RARE inline void end_of_thread(void *value) noexcept {
    auto *const record = static_cast<thread_record *>(value);
    const thread_exit_key key(record->process->thread_key);
    key.set(record);
    const cancellation_held_off to_the_end;  // the hook waits for Python, and must not be unwound
    if (const thread_exit_hook hook =
            record->process->on_thread_exit.load(std::memory_order_acquire))
        hook(*record);
    end_track(*record);
    unlink_slots(*record);
    forget_caches(*record);
    key.set(nullptr);
    delete record;
}

HOLDFAST_DETAIL_RARE_BODY void leave_passes() noexcept {
    if (const std::uintptr_t number = key_of_passes.load(std::memory_order_acquire)) {
        const thread_exit_key key(number - 1);
        void *const innermost = key.get();
        key.set(nullptr);
        gate_pass::leave_all(innermost);
    }
}

/// Before a thread of this library can hold a pass.
HOLDFAST_DETAIL_RARE inline void make_key_of_passes() noexcept {
    thread_exit_key key;
    std::uintptr_t none = 0;
    if (key_of_passes.load(std::memory_order_acquire) == 0 && key.create(&gate_pass::leave_all) &&
        !key_of_passes.compare_exchange_strong(none, key.number() + 1, std::memory_order_acq_rel))
        key.remove();
    before_a_thread_stops.store(&leave_passes, std::memory_order_release);
}

#if HOLDFAST_DETAIL_ENDS_UNDER_LOADER_LOCK
/// Every library does this. One may come before a destructor in another library that attaches, and
/// makes a record again.
HOLDFAST_DETAIL_RARE inline void end_of_this_thread() noexcept {
    leave_passes();
    if (thread_record *const record = cached_thread)
        end_of_thread(record);
}
#endif

#if HOLDFAST_DETAIL_HAS_FORK
HOLDFAST_DETAIL_RARE inline void before_fork() noexcept {
    process_record &shared = *process_made_here.load(std::memory_order_acquire);
    shared.mutex.lock();
    // Take all of these first: a thread that holds one may, through a pool, wait for another
    // interpreter's gate.
    shared.for_each_record_locked([](interpreter_record &record) { record.children.mutex.lock(); });
    shared.for_each_record_locked([](interpreter_record &record) {
        record.drops_mutex.lock();
        record.door.before_fork();
    });
}

HOLDFAST_DETAIL_RARE inline void after_fork_in_parent() noexcept {
    process_record &shared = *process_made_here.load(std::memory_order_acquire);
    shared.for_each_record_locked([](interpreter_record &record) {
        record.door.after_fork_in_parent();
        record.drops_mutex.unlock();
        record.children.mutex.unlock();
    });
    shared.mutex.unlock();
}

/// The reason that an interpreter's gate gives in a forked child. This includes an interpreter that
/// was being finalized: the thread that drains it does not exist here, and the threads inside will
/// never leave. A gate that was closed for another reason stays as it is.
HOLDFAST_DETAIL_RARE inline closed_reason reason_in_child(closed_reason before) noexcept {
    const bool is_there = before == closed_reason::none || before == closed_reason::finalizing;
    return is_there ? closed_reason::forked_child : before;
}

/// Only the forking thread exists here. An existing interpreter is closed to it, until Python's own
/// fork hook, if it runs, restores the gate (fork_hooks.hpp).
HOLDFAST_DETAIL_RARE inline void after_fork_in_child() noexcept {
    process_record &shared = *process_made_here.load(std::memory_order_acquire);
    const std::uint64_t self = this_thread_ident();
    const std::uint64_t native = this_thread_native_id();
    shared.tracing.store(0, std::memory_order_relaxed);  // the file is the parent's
    shared.for_each_record_locked([&](interpreter_record &record) {
        const closed_reason before = record.door.reason();
        record.state_before_fork = static_cast<std::uint32_t>(before);
        if (record.registrar.load(std::memory_order_relaxed) !=
            self) {  // the thread that was registering it does not exist here
            record.registering.store(0, std::memory_order_relaxed);
            record.claimed = nullptr;
        }
        record.door.after_fork_in_child(reason_in_child(before), [&](gate_entry &entry) {
            entry.native_id = native;
            return entry.thread_id == self;
        });
        // They belong to lost threads, in interpreters that CPython ends in a child
        record.cached = nullptr;
        record.drops_mutex.unlock();
        record.children.first = nullptr;  // their threads and locks are the parent's
        record.children.ending = nullptr;
        record.children.ender = {};
        record.children.one_ended.renew();
        record.children.mutex.unlock();
    });
    shared.mutex.unlock();
}

#endif

/// Memory for the record that this library makes, if it makes one. It is static, so that it always
/// exists. A second thread that makes a record at the same time asks the heap; if there is no
/// memory, it waits for the first.
HOLDFAST_DETAIL_RARE inline process_record *new_process_record() noexcept {
    static std::atomic<bool> taken{false};
    alignas(process_record) static unsigned char room[sizeof(process_record)];
    if (!taken.exchange(true))
        return new (room) process_record;
    auto *const other = new (std::nothrow) process_record;
    while (other == nullptr && holdfast_process_v1.load(std::memory_order_acquire) == nullptr)
        yield_this_thread();
    return other;
}

HOLDFAST_DETAIL_RARE inline process_record *make_process() noexcept {
    auto *const fresh = new_process_record();
    if (fresh == nullptr)
        return static_cast<process_record *>(holdfast_process_v1.load(std::memory_order_acquire));
    void *expected = nullptr;
    thread_exit_key key;
    if (!key.create(&end_of_thread))
        std::terminate();
    fresh->thread_key = key.number();
    if (!holdfast_process_v1.compare_exchange_strong(expected, fresh, std::memory_order_acq_rel)) {
        key.remove();  // `fresh` is kept: no other thread has seen it
        return static_cast<process_record *>(expected);
    }
    pin_library(reinterpret_cast<const void *>(&end_of_thread));
    fresh->say_who_pays();
    process_of_this_library.store(fresh, std::memory_order_release);
    process_made_here.store(fresh, std::memory_order_release);
#if HOLDFAST_DETAIL_HAS_FORK
    at_fork(&before_fork, &after_fork_in_parent, &after_fork_in_child);
#endif
    return fresh;
}

HOLDFAST_DETAIL_COLD_BODY process_record *find_process() noexcept {
    void *found = holdfast_process_v1.load(std::memory_order_acquire);
    if (found == nullptr)  // the host may have its own copy, to which this library was not bound
        found = find_published("holdfast_process_v1", holdfast_process_v1);
    auto *const record = found != nullptr ? static_cast<process_record *>(found) : make_process();
    record->say_who_pays();
    pin_library(&process_of_this_library);  // each thread's record points to this library's cache
    look_for_cancel();                      // before a fork
    make_key_of_passes();
    process_of_this_library.store(record, std::memory_order_release);
#if HOLDFAST_DETAIL_ENDS_UNDER_LOADER_LOCK
    call_when_threads_end(&end_of_this_thread);
#endif
    return record;
}

HOLDFAST_DETAIL_COLD_BODY thread_record *make_thread(process_record &shared) noexcept {
    look_for_cancel();
    const thread_exit_key key(shared.thread_key);
    auto *record = static_cast<thread_record *>(key.get());
    if (record == nullptr) {
        record = new (std::nothrow) thread_record;
        if (record == nullptr)
            return nullptr;
        record->process = &shared;
        if (!key.set(record)) {
            delete record;
            return nullptr;
        }
    }
#if !HOLDFAST_DETAIL_ENDS_UNDER_LOADER_LOCK
    if (record->cache_count < thread_record::max_caches) {
        record->caches[record->cache_count++] = &cached_thread;
        cached_thread = record;
    }
#endif
    return record;
}

HOLDFAST_DETAIL_COLD_BODY thread_slot *make_slot(thread_record &record,
                                                 interpreter_record &wanted) noexcept {
    thread_slot *slot = &record.main_slot;
    if (!wanted.main.load(std::memory_order_relaxed)) {
        slot = new (std::nothrow) thread_slot;
        if (slot == nullptr)
            return nullptr;
        slot->next = record.other_slots;
        record.other_slots = slot;
    }
    slot->record = &wanted;
    slot->entry.thread_id = this_thread_ident();
    slot->entry.native_id = this_thread_native_id();
    wanted.door.link(slot->entry);
    return slot;
}

}  // namespace holdfast::detail
