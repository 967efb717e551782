// holdfast/platform/forced_unwind.hpp: a thread that is being ended is no exception of C++.
//
// pthread_exit() and cancellation unwind the stack as an exception does, and `catch (...)` meets
// it. Who does not pass it on ends the process.
#pragma once

#include <exception>

#include <pthread.h>

namespace holdfast::detail {

/// Defers pthread_cancel() of this thread. Where the type is deferred, the end of it cancels
/// nothing either.
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

/// Within `catch (...)`: whether what was caught is no exception of C++, and must be thrown again.
/// Both C++ libraries answer so; only one of them has a name for it (abi::__forced_unwind).
inline bool caught_forced_unwind() noexcept { return std::current_exception() == nullptr; }

/// Within `catch (...)`, on its first line: goes on only with an exception of C++.
inline void pass_on_forced_unwind() {
    if (caught_forced_unwind())
        throw;
}

}  // namespace holdfast::detail
