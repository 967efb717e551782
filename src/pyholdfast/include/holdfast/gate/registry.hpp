// holdfast/gate/registry.hpp: the records that all libraries of one process share.
//
// Must not include <Python.h>: thread states and interpreters are opaque pointers here.
//
// All shared libraries that include holdfast find the same process_record, however they were built
// or loaded (shared_records.hpp). It holds one interpreter_record for the main interpreter and one for
// each sub-interpreter. Each native thread has one thread_record with a slot for each interpreter
// it was in.
//
// Nothing here is ever freed except thread records, each by its own thread: a late thread must
// still be able to ask, and to be refused. Interpreter records are recycled; a view is (record,
// generation).
#pragma once

#include <atomic>
#include <cstdint>
#include <new>
#include <utility>

#include <holdfast/gate/gate.hpp>
#include <holdfast/gate/interpreter_record.hpp>
#include <holdfast/gate/thread_record.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/plain_mutex.hpp>

namespace holdfast::detail {

class recorder;

/// The data that all libraries of one process share. Made once, never freed.
///
/// Lock order: `mutex`, then an interpreter's `drops_mutex`, then a gate's mutex. No Python call
///             runs under any of them.
struct process_record {
    static constexpr std::uint32_t current_layout = 14;

    // First: a library with another layout can still read this
    std::uint32_t layout = current_layout;
    // Up to 3.11, in a child of plain fork(): the state (PyThreadState) that holds the GIL, and
    // whose thread does not exist here. The forking thread writes it while it is the only one.
    std::atomic<void *> lost_in_fork{nullptr};
    plain_mutex mutex;                      // guards the chain of interpreter records
    interpreter_record main;                // its chain: every record of the process
    std::uint64_t next_generation = 1;      // guarded by mutex
    std::atomic<bool> start_failed{false};  // Python can no longer be started in this process
    std::atomic<bool> starting{false};      // one interpreter object at a time
    std::uintptr_t thread_key = 0;          // thread_exit_key: this thread's record
    // Set by the library that first cached a state (cached_state.hpp); that library then stays
    // loaded. It is here, and not a variable of each library, because the key's destructor belongs
    // to the library that made the record.
    std::atomic<thread_exit_hook> on_thread_exit{nullptr};
    // Nonzero while a trace records. Every attach reads it and it is written once or twice, so it
    // has a cache line of its own.
    alignas(64) std::atomic<std::uint32_t> tracing{0};
    std::atomic<recorder *> record_file{nullptr};  // set once, never changed or freed

    // A library leaves the gates' barriers to the closing thread: see gate.hpp. Never reset.
    std::atomic<bool> closer_pays{false};

    process_record() {
        main.main.store(true, std::memory_order_relaxed);
        main.door.share_barriers(closer_pays);
    }

    /// Each library calls it before it uses the record.
    void say_who_pays() noexcept { say_if_closer_pays(closer_pays); }  // P1

    template <class Visit>
    void for_each_record_locked(Visit &&visit) {
        for (interpreter_record *record = &main; record != nullptr; record = record->next)
            visit(*record);
    }

    /// The result of claim_record().
    struct claim {
        interpreter_record *record;  // null: no memory
        bool is_ours;                // the caller registers it, and then calls end_claim()
    };

    /// Decides which thread registers a running interpreter: the first to ask, and no other until
    /// end_claim().
    ///
    /// Finding a record and claiming it is one step under the mutex, and a claimed record is found
    /// by the interpreter that it is claimed for. So if any number of threads meet an interpreter
    /// at once, exactly one gets `is_ours`, and the others get the same record.
    /// \param id      CPython's number. It tells this interpreter from an earlier one that had the
    ///                same address, ended unseen and left its record.
    /// \param thread  the caller's ident.
    HOLDFAST_DETAIL_RARE claim claim_record(void *interpreter, std::int64_t id, bool is_main,
                                            std::uint64_t thread) noexcept {
        const mutex_hold hold(mutex);
        interpreter_record *unused = nullptr, *outlived = nullptr;
        for (interpreter_record *record = &main; record != nullptr; record = record->next) {
            void *const its = record->interpreter.load(std::memory_order_relaxed);
            if (record->claimed == interpreter ||
                (its == interpreter && record->id.load(std::memory_order_relaxed) == id))
                return {record, false};
            if (record != &main && record->claimed == nullptr) {
                if (its == interpreter)
                    outlived = record;
                else if (its == nullptr)
                    unused = record;
            }
        }
        interpreter_record *const free = outlived != nullptr ? outlived : unused;
        interpreter_record *const record = is_main           ? &main
                                           : free != nullptr ? free
                                                             : add_record_locked();
        if (record == nullptr)
            return {nullptr, false};
        record->claimed = interpreter;
        record->registrar.store(thread, std::memory_order_relaxed);
        record->registering.store(1, std::memory_order_release);
        return {record, true};
    }

    /// The interpreter is registered (open_record() was called), or it cannot be.
    HOLDFAST_DETAIL_RARE void end_claim(interpreter_record &record) noexcept {
        const mutex_hold hold(mutex);
        record.claimed = nullptr;
        record.registrar.store(0, std::memory_order_relaxed);
        record.registering.store(0, std::memory_order_release);
    }

    /// The record of a running interpreter, or null.
    HOLDFAST_DETAIL_RARE interpreter_record *find_record(void *interpreter) noexcept {
        if (main.interpreter.load(std::memory_order_acquire) == interpreter)
            return &main;
        const mutex_hold hold(mutex);
        for (interpreter_record *record = main.next; record != nullptr; record = record->next)
            if (record->interpreter.load(std::memory_order_relaxed) == interpreter)
                return record;
        return nullptr;
    }

    /// Gives the record to a new interpreter and opens its gate. Only while the gate is closed.
    HOLDFAST_DETAIL_RARE std::uint64_t open_record(interpreter_record &record,
                                                   void *interpreter) noexcept {
        std::uint64_t generation = 0;
        record.door.forget_stopped_threads();
        {
            const mutex_hold hold(mutex);
            generation = next_generation++;
            record.generation.store(generation, std::memory_order_release);  // F4
            if (record.first_generation.load(std::memory_order_relaxed) == 0)
                // After `generation`: a thread that reads it, to ask about the first run, also
                // finds that run's generation.
                record.first_generation.store(generation, std::memory_order_release);
            record.interpreter.store(interpreter, std::memory_order_release);
        }
        record.door.open();  // F5
        return generation;
    }

    /// Adds an unused record to the chain. Null: no memory.
    HOLDFAST_DETAIL_RARE interpreter_record *add_record_locked() noexcept {
        auto *const record = new (std::nothrow) interpreter_record;
        if (record != nullptr) {
            record->door.share_barriers(closer_pays);
            record->next = main.next;
            main.next = record;
        }
        return record;
    }

    /// The exit hook of another code's sub-interpreter: it is as good as gone, and another one may soon
    /// have its address.
    HOLDFAST_DETAIL_RARE void retire_leaving(interpreter_record &record) noexcept {
        record.leaving_id.store(record.id.load(std::memory_order_relaxed),
                                std::memory_order_relaxed);
        record.leaving.store(record.interpreter.load(std::memory_order_relaxed),
                             std::memory_order_release);
        retire_record(record);
    }

    /// Whether retire_leaving() was called for that interpreter. Attached to it.
    HOLDFAST_DETAIL_RARE bool is_leaving(const void *interpreter, std::int64_t id) noexcept {
        const mutex_hold hold(mutex);
        for (const interpreter_record *record = &main; record != nullptr; record = record->next)
            if (record->leaving.load(std::memory_order_acquire) == interpreter &&
                record->leaving_id.load(std::memory_order_relaxed) == id)
                return true;
        return false;
    }

    /// The interpreter is gone: refuses late threads with that reason, and forgets cached states.
    HOLDFAST_DETAIL_RARE void retire_record(interpreter_record &record) noexcept {
        record.door.close(closed_reason::finalized);
        record.door.forget_left_guards();
        dropped_reference *chain = nullptr;
        {
            // All in one step. As soon as `interpreter` is null, claim_record() may give the record
            // to another interpreter, whose threads would take the references in the chain for
            // their own. And no thread adds to a dead interpreter's chain, because drop_later()
            // checks `interpreter` first.
            const mutex_hold hold(mutex);
            const mutex_hold hold_drops(record.drops_mutex);
            chain = record.drops.exchange(nullptr, std::memory_order_relaxed);
            record.interpreter.store(nullptr, std::memory_order_release);
            record.owned.store(false, std::memory_order_release);
            record.released.store(false, std::memory_order_release);
        }
        while (cached_note *const left = record.take_cached(nullptr))  // the states are gone as
                                                                       // well
            delete left;
        while (chain !=
               nullptr)  // the objects went with their interpreter; only the notes are freed
            delete std::exchange(chain, chain->next);
    }
};

}  // namespace holdfast::detail
