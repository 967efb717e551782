// holdfast/platform/helper_thread.hpp: starts our own threads that a host can do without.
#pragma once

#include <exception>
#include <system_error>
#include <utility>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/detached_thread.hpp>
#include <holdfast/platform/say.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_RARE inline void say_no_thread(const char *what, const char *why) noexcept {
    say("holdfast: HF224 cannot start a thread for %s: %s; holdfast continues without it\n"
        "  do: raise the limit on threads of this user or container\n",
        what, why);
}

/// Starts a thread that nobody joins. If the system has no thread for it, says so on stderr, with
/// the thread's purpose.
/// \return false if the thread was not started.
template <class Work>
[[nodiscard]] HOLDFAST_DETAIL_RARE bool start_helper(const char *what, Work &&work) noexcept {
    try {
        start_detached(std::forward<Work>(work));
        return true;
    } catch (const std::system_error &problem) {
        say_no_thread(what, problem.code() == std::errc::resource_unavailable_try_again
                                ? "the system has no more threads"
                                : "the system refuses");
    } catch (const std::exception &) {
        say_no_thread(what, "no memory");
    }
    return false;
}

}  // namespace holdfast::detail
