// holdfast/error.ipp: the bodies of error.hpp.
#pragma once

#include <holdfast/error.hpp>

#include <holdfast/platform/formatted.hpp>
#include <holdfast/platform/visible_text.hpp>

namespace holdfast {

namespace detail {

HOLDFAST_DETAIL_RARE inline std::string sentence(const char *code, const std::string &problem,
                                                 const std::string &remedy) {
    // Both may quote text from outside: a path, a variable, an exception's message.
    return formatted("%s %s\n  do: %s", code, visible_lines(problem).c_str(),
                     visible_lines(remedy).c_str());
}

HOLDFAST_DETAIL_RARE inline const char *code_of(closed_reason reason) noexcept {
    switch (reason) {
    case closed_reason::finalizing:
        return "HF202";
    case closed_reason::finalized:
        return "HF203";
    case closed_reason::stale:
        return "HF204";
    case closed_reason::forked_child:
        return "HF205";
    case closed_reason::no_memory:
        return "HF220";
    case closed_reason::traversing:
        return "HF255";
    case closed_reason::none:
    case closed_reason::not_started:
        break;
    }
    return "HF201";
}

HOLDFAST_DETAIL_RARE inline const char *cause_of(closed_reason reason) noexcept {
    switch (reason) {
    case closed_reason::finalizing:
        return "the interpreter is finalizing";
    case closed_reason::finalized:
        return "the interpreter has been finalized";
    case closed_reason::stale:
        return "its interpreter was finalized before the current one started";
    case closed_reason::forked_child:
        return "this is a forked child in which Python's fork hooks did not run";
    case closed_reason::no_memory:
        return "no memory for a thread state";
    case closed_reason::traversing:
        return "it is inside a tp_traverse function that the garbage collector called";
    case closed_reason::none:
    case closed_reason::not_started:
        break;
    }
    return "Python has not been started in this process";
}

HOLDFAST_DETAIL_RARE inline std::string why_not_attached(closed_reason reason) {
    const char *const cause =
        reason == closed_reason::stale
            ? "the view is of an interpreter that was finalized before the current one started"
            : cause_of(reason);
    return formatted("this thread cannot attach: %s", cause);
}

HOLDFAST_DETAIL_RARE inline const char *remedy_of(closed_reason reason) noexcept {
    switch (reason) {
    case closed_reason::finalizing:
    case closed_reason::finalized:
        return "join the thread before finalize(), or use attach_guard(view, "
               "std::nothrow) and test it";
    case closed_reason::stale:
        return "take a new view from the interpreter that runs now";
    case closed_reason::forked_child:
        return "fork with os.fork() or PyOS_BeforeFork()/PyOS_AfterFork_Child(), or exec "
               "in the child";
    case closed_reason::no_memory:
        return "free memory and attach again";
    case closed_reason::traversing:
        return "in tp_traverse only visit the objects that this one holds; do the rest before or "
               "after";
    case closed_reason::none:
    case closed_reason::not_started:
        break;
    }
    return "construct a holdfast::interpreter before any thread attaches";
}

HOLDFAST_DETAIL_RARE inline bool is_ending(closed_reason reason) noexcept {
    return reason == closed_reason::finalizing || reason == closed_reason::finalized ||
           reason == closed_reason::stale;
}

}  // namespace detail

HOLDFAST_DETAIL_RARE_BODY error::error(const char *code, const std::string &problem,
                                       const std::string &remedy)
    : std::runtime_error(detail::sentence(code, problem, remedy)), code_(code) {}

HOLDFAST_DETAIL_RARE_BODY closed_error::closed_error(closed_reason reason)
    : error(detail::code_of(reason), detail::why_not_attached(reason), detail::remedy_of(reason)),
      reason_(reason) {}

HOLDFAST_DETAIL_RARE_BODY closed_error::closed_error(closed_reason reason,
                                                     const std::string &what_failed,
                                                     const std::string &remedy_at_the_end)
    : error(detail::code_of(reason),
            detail::formatted("%s: %s", what_failed.c_str(), detail::cause_of(reason)),
            detail::is_ending(reason) ? remedy_at_the_end : detail::remedy_of(reason)),
      reason_(reason) {}

}  // namespace holdfast
