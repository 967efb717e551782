// holdfast/convert/nesting.hpp: how deep a value that contains itself may be nested.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstdint>
#include <string>

#include <holdfast/annotations.hpp>
#include <holdfast/convert/value_path.hpp>
#include <holdfast/platform/thread.hpp>

namespace holdfast::detail {

/// A conversion_error that says nothing about the type: a union does not try its next alternative.
class too_deep final : public conversion_error {
public:
    using conversion_error::conversion_error;
};

/// One level of a record or of a recursive struct, in both directions: such a value may have any
/// depth, in Python even without an end, but a native thread's stack has one. Python's own count
/// knows nothing of that stack on 3.10 to 3.13.
///
/// Throws too_deep if the value is too deep, or too deep for what is left of the stack.
class nesting {
public:
    explicit nesting(const value_path &where) {
        if (here_.depth >= unchecked)
            demand_room(where);
        ++here_.depth;
    }
    nesting(const nesting &) = delete;
    nesting &operator=(const nesting &) = delete;
    ~nesting() { --here_.depth; }

private:
    /// As deep as Python's json module goes with Python's default limit.
    static constexpr int most = 1000;
    /// Levels that fit on every stack on which Python runs: a level takes about 1 kB, up to three
    /// times that without optimisation.
    static constexpr int unchecked = 8;
    /// What must be left: `unchecked` levels more, and the Python code that the innermost one runs.
    static constexpr std::uintptr_t reserve = std::uintptr_t{64} << 10U;

    struct of_this_thread {
        int depth = 0;
        bool is_known = false;
        stack_bounds stack;
    };
    static of_this_thread &of_caller() noexcept {
        static thread_local of_this_thread its;
        return its;
    }

    of_this_thread &here_ = of_caller();

    HOLDFAST_DETAIL_COLD void demand_room(const value_path &where) {
        if (here_.depth >= most)
            refuse(where, "more than " + std::to_string(most) + " levels");
        if (!here_.is_known) {
            here_.stack = whole_stack();
            here_.is_known = true;
        }
        const void *const top = __builtin_frame_address(0);
        const std::uintptr_t left = reinterpret_cast<std::uintptr_t>(top) - here_.stack.low;
        if (here_.stack.contains(top) && left < reserve)  // otherwise it is a fiber's
            refuse(where, std::to_string(here_.depth) +
                              " levels or more, with no room left on this thread's stack");
    }
    [[noreturn]] HOLDFAST_DETAIL_COLD static void refuse(const value_path &where,
                                                         const std::string &depth) {
        const value_path *whole = &where;
        while (whole->outer != nullptr)
            whole = whole->outer;
        throw too_deep(whole->is_result() ? "HF403" : "HF401",
                       whole->text() + ": the value is nested " + depth,
                       "flatten it, or pass it as holdfast::object");
    }
};

}  // namespace holdfast::detail
