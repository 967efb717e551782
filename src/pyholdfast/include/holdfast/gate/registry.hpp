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
//
// Longer than other files: the records point to each other, and the rules for who may touch which
// word stand beside the words.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <new>
#include <utility>

#include <holdfast/gate/gate.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/condition.hpp>
#include <holdfast/platform/plain_mutex.hpp>
#include <holdfast/platform/thread.hpp>

namespace holdfast {
struct finalize_report;
}

namespace holdfast::detail {

struct process_record;
struct thread_record;
class thread_track;
class recorder;

/// Something that lives in an interpreter and must end before it: a pool's threads, a
/// sub-interpreter.
///
/// Owned by the code that adds it, which must remove it before it dies.
struct child {
    /// The interpreter's gate has just been closed. Called under the chain's mutex: it may set a
    /// flag and notify, but must not block, attach or call Python. May be null.
    void (*closing)(child &) noexcept = nullptr;
    /// Ends the child before the deadline, and reports what prevents that. The thread that ends the
    /// interpreter calls it, detached, once no thread is inside. An exception becomes a row of the
    /// report. Null: the child ends by itself and is inside until then.
    void (*end)(child &, std::chrono::steady_clock::time_point deadline,
                finalize_report &report) = nullptr;
    /// The interpreter's gate is about to be opened again. Called like `end`, with any threads inside.
    /// May be null.
    void (*reopening)(child &) = nullptr;
    /// The interpreter's gate has been opened again. Called like `closing`. May be null.
    void (*reopened)(child &) noexcept = nullptr;
    child *next = nullptr;       // this and asked_in: guarded by interpreter_record::children_mutex
    std::uint64_t asked_in = 0;  // the last round in which it was told to end; or has_ended
};

/// A reference dropped by a thread that was not attached. Or the state that a thread has left which
/// could not wait for Python when it ended.
struct dropped_reference {
    void *object = nullptr;  // PyObject, one strong reference; or PyThreadState
    dropped_reference *next = nullptr;
    std::uint64_t of_thread = 0;  // of a state: CPython's ident of its thread
};

/// A thread state that a thread caches in a sub-interpreter between its attaches.
struct cached_note {
    void *state = nullptr;     // PyThreadState
    std::uint64_t thread = 0;  // its thread's ident
    cached_note *next = nullptr;
};

/// One interpreter, and later its successor: the generation tells them apart.
///
/// Threads: atomics from any thread. `generation` changes only while the gate is closed and empty,
///          so a thread inside may rely on it. `drops` has its own leaf mutex.
struct interpreter_record {
    gate door;
    std::atomic<std::uint64_t> generation{0};        // 0: no interpreter yet
    std::atomic<std::uint64_t> first_generation{0};  // of the first interpreter; written once
    std::atomic<void *> interpreter{nullptr};        // PyInterpreterState; null when there is none
    std::atomic<std::uint32_t> registering{
        0};  // 1: an attached thread is registering it, see register_interpreter.hpp
    std::atomic<std::uint64_t> registrar{0};  // that thread's ident
    void *claimed = nullptr;  // guarded by process_record::mutex: the interpreter being registered
    std::atomic<std::int64_t> id{-1};  // CPython's number for the interpreter, never reused
    // Another code's sub-interpreter that this record was for. Its exit hook has run, and it ends now:
    // Python code that runs until then must not register it again.
    std::atomic<const void *> leaving{nullptr};
    std::atomic<std::int64_t> leaving_id{-1};
    std::atomic<bool> owned{false};  // started by a holdfast object, which will finalize it
    std::atomic<bool> released{
        false};  // started by a holdfast object that released it: it keeps running
    std::atomic<bool> main{false};
    std::atomic<bool> own_gil{false};  // known to have one; else it may share the main one's
    std::atomic<std::uint64_t> async_exceptions_dropped{0};
    std::uint32_t state_before_fork = 0;  // closed_reason, kept for Python's own fork hook
    interpreter_record *next = nullptr;   // guarded by process_record::mutex

    // References dropped by threads that were not attached; see deferred.hpp.
    plain_mutex drops_mutex;                          // leaf
    std::atomic<dropped_reference *> drops{nullptr};  // head of a chain; written under drops_mutex

    // States that threads cache here, for a sub-interpreter: all must be gone before it ends.
    // Guarded by drops_mutex. The state's own thread adds the note, and removes it inside the gate
    // when the thread ends; or the thread that ends the interpreter removes it, once the gate is
    // closed and empty (cached_state.hpp). A state that has a note is alive.
    cached_note *cached = nullptr;

    HOLDFAST_DETAIL_COLD void add_cached(cached_note &note) noexcept {
        const mutex_hold hold(drops_mutex);
        note.next = cached;
        cached = &note;
    }

    /// Removes the note of `state`, or any note if `state` is null. Null: there is none.
    HOLDFAST_DETAIL_COLD cached_note *take_cached(const void *state) noexcept {
        const mutex_hold hold(drops_mutex);
        cached_note **link = &cached;
        while (*link != nullptr && state != nullptr && (*link)->state != state)
            link = &(*link)->next;
        cached_note *const found = *link;
        if (found != nullptr)
            *link = found->next;
        return found;
    }

    HOLDFAST_DETAIL_COLD bool is_cached(const void *state) noexcept {
        const mutex_hold hold(drops_mutex);
        for (const cached_note *note = cached; note != nullptr; note = note->next)
            if (note->state == state)
                return true;
        return false;
    }

    // Lock order: before the mutexes of the children, and before a gate's.
    plain_mutex children_mutex;
    condition one_ended;
    child *children = nullptr;      // guarded by children_mutex, and so are these
    const child *ending = nullptr;  // returned by next_to_end(), until ended_one()
    std::uint64_t ender = 0;        // ident of the thread that has a round of ends; 0: none
    std::uint64_t rounds_of_ends = 0;

    HOLDFAST_DETAIL_COLD void add_child(child &one) noexcept {
        const mutex_hold hold(children_mutex);
        one.next = children;
        children = &one;
    }

    /// Does nothing if it is not in the chain (any more): a forked child's chain starts empty.
    /// While another thread is ending it, that thread uses it; this waits, detached, until then.
    HOLDFAST_DETAIL_COLD void remove_child(child &one) noexcept {
        mutex_hold hold(children_mutex);
        const std::uint64_t self = this_thread_ident();
        one_ended.wait(hold, [&] { return ending != &one || ender == self; });
        for (child **link = &children; *link != nullptr; link = &(*link)->next)
            if (*link == &one) {
                *link = one.next;
                return;
            }
    }

    /// After the gate was closed, for good or until it is opened again.
    HOLDFAST_DETAIL_COLD void tell_closing() noexcept {
        const mutex_hold hold(children_mutex);
        for (child *one = children; one != nullptr; one = one->next)
            if (one->closing != nullptr)
                one->closing(*one);
    }

    /// After a closed gate was opened.
    HOLDFAST_DETAIL_COLD void tell_reopened() noexcept {
        const mutex_hold hold(children_mutex);
        for (child *one = children; one != nullptr; one = one->next)
            if (one->reopened != nullptr)
                one->reopened(*one);
    }

    HOLDFAST_DETAIL_COLD bool has_one_to_end() noexcept {
        const mutex_hold hold(children_mutex);
        for (const child *one = children; one != nullptr; one = one->next)
            if (one->end != nullptr && one->asked_in != has_ended)
                return true;
        return false;
    }

    static constexpr std::uint64_t has_ended = ~std::uint64_t{0};  // child::asked_in

    /// One thread at a time has a round: it uses the child that it was given, and remove_child()
    /// waits for one child. 0: another thread has one until the deadline, or a function that this
    /// round calls has asked for another. Detached: it waits.
    HOLDFAST_DETAIL_COLD std::uint64_t begin_round_of_ends(
        std::chrono::steady_clock::time_point deadline) {
        mutex_hold hold(children_mutex);
        const std::uint64_t self = this_thread_ident();
        const auto is_free = [this] { return ender == 0; };
        if (ender == self)
            return 0;
        if (deadline == std::chrono::steady_clock::time_point::max())
            one_ended.wait(hold, is_free);
        else if (!one_ended.wait_until(hold, deadline, is_free))
            return 0;
        ender = self;
        return ++rounds_of_ends;
    }

    HOLDFAST_DETAIL_COLD void end_round_of_ends() noexcept {
        {
            const mutex_hold hold(children_mutex);
            ender = 0;
        }
        one_ended.notify_all();
    }

    /// A child that was not returned in this round yet, and has not ended; null if there is none.
    /// Nobody deletes it before ended_one(). By the thread that has the round.
    HOLDFAST_DETAIL_COLD child *next_to_end(std::uint64_t round) noexcept {
        const mutex_hold hold(children_mutex);
        for (child *one = children; one != nullptr; one = one->next)
            if (one->end != nullptr && one->asked_in != round && one->asked_in != has_ended) {
                one->asked_in = round;
                ending = one;
                return one;
            }
        return nullptr;
    }

    /// The caller is done with it, and its end() may have deleted it.
    /// \param for_good  it has ended, and need not be asked again.
    HOLDFAST_DETAIL_COLD void ended_one(bool for_good) noexcept {
        {
            const mutex_hold hold(children_mutex);
            // If it was deleted, another may have its address by now, and was not asked in this round.
            for (child *one = children; for_good && one != nullptr; one = one->next)
                if (one == ending && one->asked_in == rounds_of_ends)
                    one->asked_in = has_ended;
            ending = nullptr;
        }
        one_ended.notify_all();
    }
};

/// For a child of next_to_end().
struct child_given_back {
    interpreter_record &record;
    bool for_good = false;
    ~child_given_back() { record.ended_one(for_good); }
};

/// The calling thread's round, if it has one.
class round_of_ends {
public:
    round_of_ends(interpreter_record &record, std::chrono::steady_clock::time_point deadline)
        : record_(record), number_(record.begin_round_of_ends(deadline)) {}
    round_of_ends(const round_of_ends &) = delete;
    round_of_ends &operator=(const round_of_ends &) = delete;
    ~round_of_ends() {
        if (number_ != 0)
            record_.end_round_of_ends();
    }
    explicit operator bool() const noexcept { return number_ != 0; }
    [[nodiscard]] child *next() noexcept {
        return number_ != 0 ? record_.next_to_end(number_) : nullptr;
    }

private:
    interpreter_record &record_;
    const std::uint64_t number_;
};

/// Identifies one interpreter, past or present. Never dangles.
struct interpreter_ref {
    interpreter_record *record = nullptr;
    std::uint64_t generation = 0;

    friend bool operator==(interpreter_ref a, interpreter_ref b) noexcept {
        return a.record == b.record && a.generation == b.generation;
    }
    friend bool operator!=(interpreter_ref a, interpreter_ref b) noexcept { return !(a == b); }
};

/// One thread's data for one interpreter. Only that thread touches it, except `entry`.
struct thread_slot {
    gate_entry entry;
    interpreter_record *record = nullptr;
    void *cached = nullptr;  // PyThreadState kept between attaches; null if there is none
    std::uint64_t cached_generation = 0;  // `cached` may only be touched while this is the record's
    bool cached_is_ours = false;          // false: the state of the thread that started Python
    std::uint32_t depth = 0;     // attach guards that entered; at `outlived` the thread leaves
    std::uint32_t outlived = 0;  // of them: the outer ones, which have outlived their interpreter
    thread_slot *next = nullptr;

    /// Whether guards of its thread hold back the end of the interpreter that has the record now.
    [[nodiscard]] bool is_inside() const noexcept {
        return entry.inside_.load(std::memory_order_relaxed) != 0;
    }

    /// \param is_ours  false: the state of the thread that started Python.
    void keep(void *state, std::uint64_t generation, bool is_ours) noexcept {
        cached = state;
        cached_generation = generation;
        cached_is_ours = is_ours;
        // Release: it also publishes the state's contents, see ask_threads()
        entry.cached_state_.store(state, std::memory_order_release);
    }
    void forget() noexcept {
        cached = nullptr;
        entry.cached_state_.store(nullptr, std::memory_order_relaxed);
    }
};

/// One native thread, shared by all libraries of the process. Only that thread touches it.
struct thread_record {
    process_record *process = nullptr;
    void *attached = nullptr;       // state made current by this thread's innermost attach guard
    interpreter_ref attached_to{};  // its interpreter
    // Where on its stack that guard was made; up to 3.11, see state_of_this_thread.hpp
    const void *attached_at = nullptr;
    void *called_in =
        nullptr;  // the state in which Python called it; up to 3.11, for the next attach only
    bool traversing = false;  // inside a tp_traverse that says so: no attach; see gc_traverse.hpp
    const void *innermost = nullptr;  // debug builds: the youngest guard alive
    thread_slot main_slot;
    thread_slot *other_slots = nullptr;
    thread_track *trace = nullptr;  // where it records its events; see trace_hooks.hpp
    bool no_track = false;          // a track was requested, and none was available

    // Each library caches the address of this record in its own thread-local pointer. The record
    // clears those pointers when it dies, so that a later attach starts afresh.
    static constexpr unsigned max_caches = 16;
    thread_record **caches[max_caches] = {};
    unsigned cache_count = 0;
};

/// Called with a dying thread's record, while it can still attach.
using thread_exit_hook = void (*)(thread_record &) noexcept;

/// The data that all libraries of one process share. Made once, never freed.
///
/// Lock order: `mutex`, then an interpreter's `drops_mutex`, then a gate's mutex. No Python call
///             runs under any of them.
struct process_record {
    static constexpr std::uint32_t current_layout = 13;

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
    HOLDFAST_DETAIL_COLD claim claim_record(void *interpreter, std::int64_t id, bool is_main,
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
    HOLDFAST_DETAIL_COLD void end_claim(interpreter_record &record) noexcept {
        const mutex_hold hold(mutex);
        record.claimed = nullptr;
        record.registrar.store(0, std::memory_order_relaxed);
        record.registering.store(0, std::memory_order_release);
    }

    /// The record of a running interpreter, or null.
    HOLDFAST_DETAIL_COLD interpreter_record *find_record(void *interpreter) noexcept {
        if (main.interpreter.load(std::memory_order_acquire) == interpreter)
            return &main;
        const mutex_hold hold(mutex);
        for (interpreter_record *record = main.next; record != nullptr; record = record->next)
            if (record->interpreter.load(std::memory_order_relaxed) == interpreter)
                return record;
        return nullptr;
    }

    /// Gives the record to a new interpreter and opens its gate. Only while the gate is closed.
    HOLDFAST_DETAIL_COLD std::uint64_t open_record(interpreter_record &record,
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
    HOLDFAST_DETAIL_COLD interpreter_record *add_record_locked() noexcept {
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
    HOLDFAST_DETAIL_COLD void retire_leaving(interpreter_record &record) noexcept {
        record.leaving_id.store(record.id.load(std::memory_order_relaxed),
                                std::memory_order_relaxed);
        record.leaving.store(record.interpreter.load(std::memory_order_relaxed),
                             std::memory_order_release);
        retire_record(record);
    }

    /// Whether retire_leaving() was called for that interpreter. Attached to it.
    HOLDFAST_DETAIL_COLD bool is_leaving(const void *interpreter, std::int64_t id) noexcept {
        const mutex_hold hold(mutex);
        for (const interpreter_record *record = &main; record != nullptr; record = record->next)
            if (record->leaving.load(std::memory_order_acquire) == interpreter &&
                record->leaving_id.load(std::memory_order_relaxed) == id)
                return true;
        return false;
    }

    /// The interpreter is gone: refuses late threads with that reason, and forgets cached states.
    HOLDFAST_DETAIL_COLD void retire_record(interpreter_record &record) noexcept {
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

/// Why `ref` admits no thread; closed_reason::none if it does.
HOLDFAST_DETAIL_COLD inline closed_reason refusal(interpreter_ref ref) noexcept {
    if (ref.record == nullptr)
        return closed_reason::not_started;
    const std::uint64_t now = ref.record->generation.load(std::memory_order_acquire);
    if (ref.generation == now)
        return ref.record->door.reason();
    return ref.generation == 0 ? closed_reason::not_started : closed_reason::stale;
}

}  // namespace holdfast::detail
