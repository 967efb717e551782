// holdfast/gate/thread_record.hpp: what holdfast knows of one native thread.
//
// Must not include <Python.h>: thread states are opaque pointers here.
#pragma once

#include <atomic>
#include <cstdint>

#include <holdfast/gate/gate.hpp>
#include <holdfast/gate/interpreter_record.hpp>

namespace holdfast::detail {

struct process_record;
class thread_track;

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

}  // namespace holdfast::detail
