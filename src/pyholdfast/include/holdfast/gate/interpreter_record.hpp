// holdfast/gate/interpreter_record.hpp: what holdfast knows of one interpreter.
//
// Must not include <Python.h>: thread states and interpreters are opaque pointers here.
#pragma once

#include <atomic>
#include <cstdint>

#include <holdfast/closed_reason.hpp>
#include <holdfast/gate/children.hpp>
#include <holdfast/gate/gate.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/plain_mutex.hpp>

namespace holdfast::detail {

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

    HOLDFAST_DETAIL_RARE void add_cached(cached_note &note) noexcept {
        const mutex_hold hold(drops_mutex);
        note.next = cached;
        cached = &note;
    }

    /// Removes the note of `state`, or any note if `state` is null. Null: there is none.
    HOLDFAST_DETAIL_RARE cached_note *take_cached(const void *state) noexcept {
        const mutex_hold hold(drops_mutex);
        cached_note **link = &cached;
        while (*link != nullptr && state != nullptr && (*link)->state != state)
            link = &(*link)->next;
        cached_note *const found = *link;
        if (found != nullptr)
            *link = found->next;
        return found;
    }

    HOLDFAST_DETAIL_RARE bool is_cached(const void *state) noexcept {
        const mutex_hold hold(drops_mutex);
        for (const cached_note *note = cached; note != nullptr; note = note->next)
            if (note->state == state)
                return true;
        return false;
    }

    child_chain children;
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
