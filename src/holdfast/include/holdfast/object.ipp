// holdfast/object.ipp: the bodies of object.hpp.
//
// Layer 30.
#pragma once

#include "object.hpp"

namespace holdfast {

namespace detail {

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY void demand_attached(const char *what) {
    throw usage_error("HF216", std::string(what) + " was called by a thread that is not attached",
                      "construct an attach_guard first");
}

}  // namespace detail

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY void object::refuse(closed_reason reason) {
    throw closed_error(reason);
}

}  // namespace holdfast
