// holdfast/thread_state.ipp: the bodies of thread_state.hpp.
//
// Layer 23.
#pragma once

#include "thread_state.hpp"

namespace holdfast {

HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY interpreter_view current_view() {
    if (!attached())
        throw usage_error("HF216", "current_view() was called by a thread that is not attached",
                          "call it where Python called you, or use main_view()");
    const detail::interpreter_ref ref = detail::attached_ref();
    if (ref.record == nullptr)
        throw closed_error(closed_reason::finalizing);
    return interpreter_view(ref);
}

}  // namespace holdfast
