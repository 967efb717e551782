// holdfast/objects/object.ipp: the bodies of object.hpp.
#pragma once

#include <holdfast/objects/object.hpp>

#include <string>

#include <holdfast/error.hpp>

namespace holdfast {

namespace detail {

HOLDFAST_DETAIL_COLD_BODY void demand_attached(const char *what) {
    throw usage_error("HF216", std::string(what) + " was called by a thread that is not attached",
                      "construct an attach_guard first");
}

}  // namespace detail

HOLDFAST_DETAIL_COLD_BODY void object::demand_usable() const {
    const closed_reason reason = detail::gone(home_);
    if (reason != closed_reason::none)
        throw closed_error(
            reason, "the object cannot be used",
            "use it before its interpreter ends; later it may only be moved and destroyed");
    if (home_.record != nullptr && attached())
        throw usage_error(
            "HF408",
            "an object was used on a thread that is attached to another interpreter than the "
            "object's",
            "attach to the object's view(), or pass plain values: str, bytes, numbers");
}

}  // namespace holdfast
