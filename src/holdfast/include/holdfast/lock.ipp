// holdfast/lock.ipp: the bodies of lock.hpp.
//
// Layer 24.
#pragma once

#include "lock.hpp"

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY void refuse_to_wait_for_itself(const char *what) {
    throw usage_error("HF221", std::string(what) + " would wait for its own caller for ever",
                      "let what runs in the middle of other work, like __del__ or a weakref callback, "
                      "only take note, and act on it after the lock is released");
}

}  // namespace holdfast::detail
