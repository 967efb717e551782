// holdfast/watch/attached_sleep.hpp: whether an attached thread has Python's lock, and for what it
// sleeps.
//
// For a thread that is attached by one of our guards there are four cases: it runs; it sleeps in
// native code and keeps the GIL, so that nobody runs; it has released the GIL in a call such as
// time.sleep(); or Python has taken the GIL from it after a switch interval, and it waits for its
// turn. CPython's thread state tells the first two from the last two. The kernel tells the others:
// CPython waits for the GIL on a condition variable that is part of _PyRuntime, or, for a GIL of
// its own, of the PyInterpreterState. A futex elsewhere is another lock.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstdint>

#include <holdfast/platform/library.hpp>
#include <holdfast/platform/memory.hpp>
#include <holdfast/platform/thread_activity.hpp>
#include <holdfast/trace/event.hpp>

namespace holdfast::detail {

/// Whether the thread that attached with `state` runs Python or native code with it now. Otherwise
/// it has released the GIL in a call such as time.sleep(), or other threads had it to release it,
/// and it waits for its turn. The state may be gone, so we read it as another process would.
HOLDFAST_DETAIL_RARE inline bool holds_now(std::uint64_t state) noexcept {
#if HOLDFAST_HAS_FREE_THREADING
    return state != 0;
#elif HOLDFAST_HAS_CURRENT_STATE_PER_THREAD
    alignas(PyThreadState) char copy[sizeof(PyThreadState)];
    const auto *const there = reinterpret_cast<const void *>(static_cast<std::uintptr_t>(state));
    return read_memory_safely(copy, there, sizeof copy) ? is_attached_with(copy) : state != 0;
#else
    return reinterpret_cast<std::uintptr_t>(unchecked_state()) == state;
#endif
}

#if !HOLDFAST_HAS_FREE_THREADING

/// What a thread that attached with `state` waits for on a futex at `address`: whether that is part
/// of the GIL of its interpreter. Unknown where the C library does not say how large _PyRuntime is.
HOLDFAST_DETAIL_RARE inline attached_sleep sleep_on_futex(std::uint64_t address,
                                                          std::uint64_t state) noexcept {
    static const exported_object runtime = find_exported_object("_PyRuntime");
    if (runtime.has(address))
        return attached_sleep::for_its_turn;
    if (runtime.size == 0)
        return attached_sleep::unknown;
#if HOLDFAST_HAS_OWN_GIL
    // The main interpreter is the last member of _PyRuntime, so no interpreter is larger than the
    // rest of it.
    const auto main = reinterpret_cast<std::uintptr_t>(PyInterpreterState_Main());
    alignas(PyThreadState) char copy[sizeof(PyThreadState)];
    const auto *const there = reinterpret_cast<const void *>(static_cast<std::uintptr_t>(state));
    if (!runtime.has(main) || !read_memory_safely(copy, there, sizeof copy))
        return attached_sleep::unknown;
    const auto its = reinterpret_cast<std::uintptr_t>(
        interpreter_of(reinterpret_cast<const PyThreadState *>(copy)));
    if (address >= its && address - its < runtime.begin + runtime.size - main)
        return attached_sleep::for_its_turn;
#else
    (void)state;
#endif
    return attached_sleep::in_call;
}

#endif

/// For what the thread that attached with `state` sleeps; unknown: it runs, or went on while we
/// looked.
HOLDFAST_DETAIL_RARE inline attached_sleep sleep_of(std::uint64_t native_id,
                                                    std::uint64_t state) noexcept {
#if HOLDFAST_HAS_FREE_THREADING
    (void)native_id;
    (void)state;
    return attached_sleep::unknown;
#else
    const bool held = holds_now(state);
    const blocking_call call = blocking_call_of(native_id);
    if (call.number < 0 || held != holds_now(state))
        return attached_sleep::unknown;
    if (call.number != lock_call)
        return attached_sleep::in_call;
    const attached_sleep found = sleep_on_futex(call.argument, state);
    return held && found == attached_sleep::for_its_turn ? attached_sleep::unknown : found;
#endif
}

}  // namespace holdfast::detail
