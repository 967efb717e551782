// holdfast/lifecycle/attach_helper.hpp: a thread that attaches for us, with a time limit.
//
// CPython has no attach with a deadline: a thread that is stuck in C while attached would also
// block the thread that comes to look. So a helper thread attaches, past the closed gate, and we
// wait for it as long as we like. It counts as inside, so finalization cannot begin before it has
// left.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <holdfast/annotations.hpp>
#include <holdfast/attach/register_interpreter.hpp>
#include <holdfast/interrupts/async_raise.hpp>
#include <holdfast/lifecycle/told_to_end.hpp>

namespace holdfast::detail {

/// Python stacks by CPython's thread ident, as traceback prints them.
using python_stacks = std::map<std::uint64_t, std::string>;

/// If something fails, stacks are missing: this is for a report.
HOLDFAST_REQUIRES_ATTACHED python_stacks collect_stacks();

/// A thread that is to be interrupted.
struct interrupted_thread {
    std::uint64_t ident = 0;
    asked_check asked;
    raise_outcome outcome = raise_outcome::held_off;  // of the last attempt
};

/// The work of an attach helper, and its results.
struct helper_work {
    void (*prepare)(helper_work &) noexcept = nullptr;  // before it attaches; null: nothing
    void (*run)(helper_work &) = nullptr;  // once it is attached; null: it only attaches
    python_stacks stacks;
    std::vector<interrupted_thread> threads;  // sorted by ident
    bool patient = true;                      // see must_hold_off()
    told_to_end told;                         // to be taken back
    const gate *door = nullptr;               // of the interpreter
    std::uint64_t ident = 0;                  // of a thread that is looked for
    bool is_in_python = false;                // result: that thread is inside Python code
    // Set when the thread that asked no longer waits: the work shall not be begun, or not go on.
    const std::atomic<bool> *withdrawn = nullptr;
    bool was_there = false;  // result, if it did not come back in time: it began its work
};

/// How an attach helper's task ended.
enum class attach_helper_end {
    back,
    late,  // a thread holds the interpreter and does not detach. The helper returns by itself
           // later, and counts as inside until then. It does not begin its work any more; without
           // a GIL it may have begun, see was_there
    at_work,  // it has attached and is not done, for example because a slow machine imports a
              // module. It returns by itself later, too
    not_sent  // there was no thread or no memory for it
};

/// How long an attach helper may work once it has attached. Its task is short, so this is enough on
/// any machine. Without a GIL it attaches next to a thread that never detaches, and then waits for
/// that thread to stop; so there it must finish by the deadline.
inline constexpr std::chrono::seconds patience_for_work{10};

/// Starts a thread that attaches to the record's interpreter, and waits until the deadline for it
/// to attach and then for a while for it to return.
///
/// Call it detached, before the interpreter is finalized, and with the gate closed or where nobody
/// else can end the interpreter.
/// \param work  the work to do; if the helper returned in time, also its results.
[[nodiscard]] attach_helper_end ask_attach_helper(interpreter_record &record, helper_work &work,
                                                  std::chrono::steady_clock::time_point deadline);

/// Whether Python code of this interpreter has called the calling thread, which has detached since.
/// False if that cannot be found out before the deadline. Call it like ask_attach_helper().
[[nodiscard]] bool is_below_python(interpreter_record &record,
                                   std::chrono::steady_clock::time_point deadline);

/// Whether a thread can attach at all before the deadline. Call it like ask_attach_helper(). If no
/// helper can be started, or there is no memory for one, the answer is unknown and this returns true:
/// that is nearly always right, and with false nothing could be finalized any more.
[[nodiscard]] bool can_attach(interpreter_record &record,
                              std::chrono::steady_clock::time_point deadline);

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/lifecycle/attach_helper.ipp>
#endif
