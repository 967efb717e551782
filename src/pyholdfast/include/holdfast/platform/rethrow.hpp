// holdfast/platform/rethrow.hpp: rethrows so that an exception that nobody catches is reported.
//
// Where GCC unwinds by Windows' structured exceptions, `throw;` calls abort() if nobody catches the
// exception: the process ends with status 3, without std::terminate() and its message. An exception
// that is thrown by std::rethrow_exception() does end in std::terminate().
#pragma once

#include <exception>

namespace holdfast::detail {

/// Inside a handler: `throw;` for everything that a host may fail to catch.
[[noreturn]] inline void rethrow() {
#if defined(__SEH__)
    if (const std::exception_ptr caught = std::current_exception(); caught != nullptr)
        std::rethrow_exception(caught);
#endif
    throw;
}

}  // namespace holdfast::detail
