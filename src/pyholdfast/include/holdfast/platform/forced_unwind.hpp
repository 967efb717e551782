// holdfast/platform/forced_unwind.hpp: tells the end of a thread from a C++ exception.
//
// pthread_exit() and cancellation unwind the stack as an exception does, and `catch (...)` catches
// that. A handler that does not rethrow it ends the process.
#pragma once

#include <exception>

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace holdfast::detail {

#if defined(_WIN32)
/// No thread can cancel another one there.
class cancellation_held_off {
public:
    cancellation_held_off() noexcept {
    }  // not defaulted: an object of this type is used by being there
    cancellation_held_off(const cancellation_held_off &) = delete;
    cancellation_held_off &operator=(const cancellation_held_off &) = delete;
    ~cancellation_held_off() {}
};
#else
/// Defers pthread_cancel() of this thread. With the deferred cancellation type, the end of this
/// scope does not cancel the thread either.
class cancellation_held_off {
public:
    cancellation_held_off() noexcept { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
    cancellation_held_off(const cancellation_held_off &) = delete;
    cancellation_held_off &operator=(const cancellation_held_off &) = delete;
    ~cancellation_held_off() {
        int ours = 0;
        pthread_setcancelstate(before_, &ours);
    }

private:
    int before_ = PTHREAD_CANCEL_ENABLE;
};
#endif

/// Inside `catch (...)`: whether the handler caught a forced unwind, not a C++ exception, and must
/// rethrow it. This test works with both C++ libraries; only one of them has a name for it
/// (abi::__forced_unwind).
inline bool caught_forced_unwind() noexcept { return std::current_exception() == nullptr; }

/// For the first line of a `catch (...)`: rethrows a forced unwind, and returns for a C++
/// exception.
inline void pass_on_forced_unwind() {
    if (caught_forced_unwind())
        throw;
}

}  // namespace holdfast::detail
