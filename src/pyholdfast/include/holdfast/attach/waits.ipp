// holdfast/attach/waits.ipp: the bodies of waits.hpp.
#pragma once

#include <holdfast/attach/waits.hpp>
#include <holdfast/error.hpp>
#include <holdfast/platform/say.hpp>

#include <cstdlib>
#include <string>

#include <holdfast/pool_error.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY void refuse_to_wait_for_itself(const char *what) {
    throw usage_error("HF221", std::string(what) + " would wait for its own caller for ever",
                      "in code that runs in the middle of other work, such as __del__ or a weakref "
                      "callback, only take a note, and act on it after the lock is released");
}

HOLDFAST_DETAIL_COLD_BODY void refuse_to_upgrade(const char *what) {
    throw usage_error("HF221",
                      std::string(what) + " would wait for ever for its caller's own shared lock",
                      "call unlock_shared() first, and look again at what it protects: a lock "
                      "cannot be upgraded, and "
                      "another writer may come in between");
}

HOLDFAST_DETAIL_COLD_BODY void refuse_unlock(const char *what) noexcept {
    say("HF213 a holdfast::%s was unlocked by a thread that has not locked it\n"
        "  do: unlock it where it was locked, with a std::lock_guard or std::unique_lock\n",
        what);
    std::abort();
}

HOLDFAST_DETAIL_COLD_BODY void refuse_to_wait_in_a_circle(const pool_seat &seat, const char *what) {
    throw waits_in_a_circle(seat.pool.pool_name(), what);
}

}  // namespace holdfast::detail
