// holdfast/lifecycle/retry_pause.hpp: how long to wait before the next attempt.
#pragma once

#include <chrono>

#include <holdfast/interrupts/async_raise.hpp>

namespace holdfast::detail {

/// The growing pauses between attempts, for example to interrupt a thread that holds off the
/// exception.
class retry_pause {
public:
    [[nodiscard]] std::chrono::milliseconds next() noexcept {
        const std::chrono::milliseconds now = pause_;
        spent_ += now;
        pause_ = now.count() < 16 ? 2 * now : now;
        return now;
    }

    /// Whether code outside importlib may still hold off the exception.
    [[nodiscard]] bool is_patient() const noexcept { return spent_.count() < held_off_at_most_ms; }

private:
    std::chrono::milliseconds pause_{1};
    std::chrono::milliseconds spent_{0};
};

}  // namespace holdfast::detail
