// holdfast/objects/unread_failure.hpp: reports an exception that nobody can get any more.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <exception>

namespace holdfast::detail {

/// Reports (HF312) that `called` failed and that its future is gone. At most once a second; the
/// others are counted. Threads: any, attached or not.
void say_unread(const std::exception_ptr &problem, const char *called) noexcept;

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/objects/unread_failure.ipp>
#endif
