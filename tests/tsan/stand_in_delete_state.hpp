// Stands in for holdfast/attach/delete_state.hpp: these programs leave no thread states behind.
#pragma once

#include <holdfast/python.hpp>

#include <cstdint>

namespace holdfast::detail {
inline void delete_left_state(PyThreadState *, std::uint64_t) noexcept { MUST(false); }
}  // namespace holdfast::detail
