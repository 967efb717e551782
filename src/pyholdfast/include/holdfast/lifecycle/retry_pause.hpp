// holdfast/lifecycle/retry_pause.hpp: how long to wait before the next look at what others do.
#pragma once

#include <chrono>

#include <holdfast/interrupts/async_raise.hpp>

namespace holdfast::detail {

/// The pauses between looks at what others do, such as attempts to interrupt a thread that holds
/// the interrupt off.
class retry_pause {
public:
    [[nodiscard]] std::chrono::milliseconds next() noexcept {
        const std::chrono::milliseconds now = pause_;
        spent_ += now;
        pause_ = now.count() < 16 ? 2 * now : now;
        return now;
    }

    /// Whether a thread may still keep the exception off by code that is not importlib's.
    [[nodiscard]] bool is_patient() const noexcept { return spent_.count() < held_off_at_most_ms; }

private:
    std::chrono::milliseconds pause_{1};
    std::chrono::milliseconds spent_{0};
};

}  // namespace holdfast::detail
