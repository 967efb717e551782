// holdfast/attach/make_guard.hpp: guards on the heap.
#pragma once

#include <holdfast/attach/guards.hpp>

#include <memory>

namespace holdfast {

/// Creates a guard on the heap that records the caller's line; std::make_unique() would record a
/// line of its own.
///
///   auto held = holdfast::make_guard<holdfast::interpreter_guard>(view);
///
/// A pointer that moves does not move its guard: an interpreter_guard stays its maker's, which
/// cannot finalize (HF211) until it is gone. To hand one over, move the guard itself.
///
/// \throws closed_error  like the guard's constructor
template <class Guard>
[[nodiscard]] std::unique_ptr<Guard> make_guard(const interpreter_view &view,
                                                call_site site = call_site::current()) {
    return std::unique_ptr<Guard>(new Guard(view, site));
}

}  // namespace holdfast
