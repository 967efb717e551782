// holdfast/lifecycle/attach_helper.hpp: a thread that attaches in our place, so that we need not wait for ever.
//
// CPython has no attach with a deadline: a thread stuck in C while attached would hold up whoever
// comes to look. So a helper thread attaches, past the closed gate; we wait for it as long as we
// like. It is counted as inside, so finalization cannot begin before it has left.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <holdfast/attach/register_interpreter.hpp>
#include <holdfast/interrupts/async_raise.hpp>

namespace holdfast::detail {

/// Python stacks by CPython's thread ident, as traceback prints them.
using python_stacks = std::map<std::uint64_t, std::string>;

/// Attached. Failures leave stacks out: this is for a report.
python_stacks collect_stacks();

/// A thread that is to be interrupted.
struct interrupted_thread {
    std::uint64_t ident = 0;
    asked_check asked;
    raise_outcome outcome = raise_outcome::held_off;  // of the last attempt
};

/// What an attach helper is to do, and what it brings back.
struct helper_work {
    void (*prepare)(helper_work &) noexcept = nullptr;  // before it attaches; null: nothing
    void (*run)(helper_work &) = nullptr;  // once it is attached; null: to have attached is enough
    python_stacks stacks;
    std::vector<interrupted_thread> threads;  // sorted by ident
    bool patient = true;                      // see must_hold_off()
    const gate *door = nullptr;               // of the interpreter
};

/// How an helper's task ended.
enum class attach_helper_end {
    back,
    late,  // a thread holds the interpreter and does not let go. The attach helper comes back by itself, and the gate
           // counts it until then
    at_work,  // it has attached and is not done yet, e.g. because a slow machine imports a module. As above
    not_sent  // there was no thread, or no memory, for it
};

/// For how long an attach helper that has attached may work: its helper's task is short, so on any
/// machine that is enough. Without a GIL it attaches beside a thread that never lets go, and then
/// waits for that one to stop: so there its work has to be done by the deadline.
inline constexpr std::chrono::seconds patience_for_work{10};

/// Sends a thread to attach to the record's interpreter, waits for that until the deadline, and for
/// its return a while.
///
/// Detached, with the gate closed and the interpreter not yet finalized.
/// \param work  what to do there, and, if it came back in time, what it brought.
[[nodiscard]] attach_helper_end ask_attach_helper(interpreter_record &record, helper_work &work,
                                                  std::chrono::steady_clock::time_point deadline);

/// Whether anybody can attach at all before the deadline. As ask_attach_helper(). Where nobody can
/// be sent, that is not known, and yes is the answer: it is nearly always right, and with no
/// nothing could be finalized any more.
[[nodiscard]] bool can_attach(interpreter_record &record,
                              std::chrono::steady_clock::time_point deadline);

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/lifecycle/attach_helper.ipp>
#endif
