// holdfast/pools/cancellation.hpp: cancelling what was handed to a pool.
//
// Knows neither pools nor Python.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include <holdfast/platform/attributes.hpp>

namespace holdfast {

namespace detail {

/// What a cancellation can cancel.
class cancellable {
public:
    cancellable() = default;
    cancellable(const cancellable &) = delete;
    cancellable &operator=(const cancellable &) = delete;
    virtual ~cancellable() = default;

    /// Any thread, attached or not; must neither block nor call Python. Once it has begun, or
    /// ended, a task may ignore it.
    virtual void cancel() noexcept = 0;
};

}  // namespace detail

/// Cancels tasks: those that were submitted with it and have not begun fail at once with a
/// cancelled_error. A task that runs is not interrupted; a C++ one may look at requested().
///
///     holdfast::cancellation off;
///     auto result = pool.submit(off, score, "text", 5);
///     off.request();
///
/// Owns:    shared with its copies, the list of what can still be cancelled.
/// Threads: any, attached or not.
class cancellation {
public:
    cancellation();

    /// Cancels what has not begun, and whatever is submitted with it from now on. Does not wait.
    void request() const noexcept;

    [[nodiscard]] bool requested() const noexcept {
        return shared_->requested.load(std::memory_order_acquire);
    }

    /// For engines: what request() is to cancel. If it came before, that is done at once.
    void add(const std::shared_ptr<detail::cancellable> &one) const;

private:
    struct shared {
        std::mutex mutex;  // a leaf
        std::atomic<bool> requested{false};
        std::vector<std::weak_ptr<detail::cancellable>> waiting;  // guarded by mutex
        // Guarded by mutex: at this length, look for those that are done
        std::size_t look_again = 32;
    };

    /// \return how many are left.
    static std::size_t forget_dead(std::vector<std::weak_ptr<detail::cancellable>> &list) noexcept;

    std::shared_ptr<shared> shared_;
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/pools/cancellation.ipp>
#endif
