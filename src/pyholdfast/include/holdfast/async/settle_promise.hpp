// holdfast/async/settle_promise.hpp: makes a std::future ready without a system call.
//
// libstdc++ sets the result of a promise inside std::call_once(), so that of several threads that
// set it only one does. glibc makes a futex call at the end of each first pthread_once(), whether
// or not a thread waits. That call is half of what a pool spends on a small task, and with a GIL
// no other worker runs meanwhile. Where pthread_once() is winpthreads' or musl's, it never ends if
// copying the result throws: the set_exception() that follows would wait for ever.
//
// A pool's task needs no such choice: an atomic word of the task decides who sets the result
// (pools/task.hpp). Nor does a coroutine, which ends once. So here that thread stores the result
// and then the status, as libstdc++ does inside and after call_once(). The store of the status is
// a release, and waiting threads read it with an acquire: whoever sees that the future is ready
// sees the result. Nothing else reads or writes the result before that, because the promise lives
// until it is set. libstdc++ stores both in the same way where it knows that nobody else sets a
// result: when a promise is destroyed without one.
//
// The two members are private; an explicit instantiation may name them nevertheless. They are part
// of libstdc++'s binary interface, and so is the order of the stores: programs that were compiled
// with other releases wait for the same futures. Their names are not, so this is only used with
// releases whose <future> we have read.
#pragma once

#include <cstring>
#include <future>
#include <memory>
#include <utility>

#if defined(_GLIBCXX_RELEASE) && defined(_GLIBCXX_HAS_GTHREADS) && \
    !defined(_GLIBCXX_ASYNC_ABI_COMPAT)
#if _GLIBCXX_RELEASE >= 12 && _GLIBCXX_RELEASE <= 16
#define HOLDFAST_DETAIL_OPENS_FUTURES 1
#endif
#endif

namespace holdfast::detail {

#if defined(HOLDFAST_DETAIL_OPENS_FUTURES)
using future_state = std::__future_base::_State_baseV2;

struct result_member {
    friend constexpr auto member_of(result_member) noexcept;
};
struct status_member {
    friend constexpr auto member_of(status_member) noexcept;
};
template <class Name, auto Member>
struct opened_member {
    friend constexpr auto member_of(Name) noexcept { return Member; }
};
template struct opened_member<result_member, &future_state::_M_result>;
template struct opened_member<status_member, &future_state::_M_status>;

/// Sets the result of a promise that no other thread sets.
/// \param state  that of its future: shared_state_of().
template <class R, class... Value>
void settle_promise(std::promise<R> &promise, const void *state, Value &&...value) {
    constexpr unsigned ready = 1;
    auto &shared = *static_cast<future_state *>(const_cast<void *>(state));
    // Copying or moving the value may throw; then nothing has been set.
    auto result = future_state::__setter(&promise, std::forward<Value>(value)...)();
    (shared.*member_of(result_member())).reset(result.release());
    (shared.*member_of(status_member()))._M_store_notify_all(ready, std::memory_order_release);
}
#else
template <class R, class... Value>
void settle_promise(std::promise<R> &promise, const void *, Value &&...value) {
    promise.set_value(std::forward<Value>(value)...);
}
#endif

/// Whether a promise's future is gone, and all its copies: then nobody can ever get the result.
/// Only known with libstdc++, where a promise begins with the std::shared_ptr to its state; false
/// otherwise.
template <class R>
bool has_no_reader([[maybe_unused]] const std::promise<R> &promise) noexcept {
#if defined(__GLIBCXX__)
    struct shared {
        const void *state;
        const std::_Sp_counted_base<> *owners;
    } its{};
    static_assert(sizeof(std::shared_ptr<void>) == sizeof its && sizeof promise >= sizeof its);
    std::memcpy(&its, static_cast<const void *>(&promise), sizeof its);
    return its.owners != nullptr && its.owners->_M_get_use_count() == 1;
#else
    return false;
#endif
}

}  // namespace holdfast::detail
