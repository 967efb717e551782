// holdfast/platform/spare_signal.hpp: a signal whose handler is read, and never sent.
//
// Some libraries give the address of a function only to the system, as the handler of a signal.
#pragma once

#if defined(_WIN32)
#define HOLDFAST_DETAIL_HAS_SIGNAL_HANDLERS 0
#else
#define HOLDFAST_DETAIL_HAS_SIGNAL_HANDLERS 1
#include <csignal>
#endif

#include <holdfast/platform/attributes.hpp>

#if HOLDFAST_DETAIL_HAS_SIGNAL_HANDLERS

namespace holdfast::detail {

/// A signal that hardly any program uses.
inline int spare_signal() noexcept {
#if defined(SIGRTMAX)
    return SIGRTMAX - 7;
#else
    return SIGEMT;
#endif
}

/// Keeps the signal's handler as it was, whatever happens to it in the scope.
class kept_handler {
public:
    HOLDFAST_DETAIL_RARE explicit kept_handler(int signal) noexcept : signal_(signal) {
        is_known_ = sigaction(signal, nullptr, &before_) == 0;
    }
    kept_handler(const kept_handler &) = delete;
    kept_handler &operator=(const kept_handler &) = delete;
    HOLDFAST_DETAIL_RARE ~kept_handler() {
        if (is_known_)
            sigaction(signal_, &before_, nullptr);
    }

    /// Whether nothing had been installed.
    [[nodiscard]] bool was_free() const noexcept {
        return is_known_ && before_.sa_handler == SIG_DFL;
    }

    /// What is installed now; null: no function.
    [[nodiscard]] HOLDFAST_DETAIL_RARE void (*installed() const noexcept)(int) {
        struct sigaction now{};
        const bool is_function = sigaction(signal_, nullptr, &now) == 0 &&
                                 now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN;
        return is_function ? now.sa_handler : nullptr;
    }

private:
    int signal_;
    bool is_known_;
    struct sigaction before_{};
};

}  // namespace holdfast::detail

#endif
