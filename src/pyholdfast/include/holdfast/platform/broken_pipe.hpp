// holdfast/platform/broken_pipe.hpp: writing to a process that has ended must not end this one.
#pragma once

#if !defined(_WIN32)
#include <csignal>
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// Ignores SIGPIPE, unless the host has a handler for it. Windows reports an error anyway.
HOLDFAST_DETAIL_COLD inline void ignore_broken_pipes() noexcept {
#if !defined(_WIN32)
    struct sigaction now{};
    if (sigaction(SIGPIPE, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0 &&
        now.sa_handler == SIG_DFL)
        std::signal(SIGPIPE, SIG_IGN);
#endif
}

}  // namespace holdfast::detail
