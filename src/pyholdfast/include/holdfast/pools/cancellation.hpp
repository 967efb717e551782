// holdfast/pools/cancellation.hpp: cancels tasks that were submitted to a pool.
//
// It depends neither on pools nor on Python.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <holdfast/platform/attributes.hpp>

namespace holdfast {

namespace detail {

/// Learns that a task has its result, or its error.
class settled_listener {
public:
    settled_listener() = default;
    settled_listener(const settled_listener &) = delete;
    settled_listener &operator=(const settled_listener &) = delete;
    virtual ~settled_listener() = default;

    /// Called once, when the future is ready, on the thread that made it so: attached or not. Must
    /// not block.
    virtual void settled() noexcept = 0;
};

/// Something that a cancellation can cancel.
class cancellable {
public:
    cancellable() = default;
    cancellable(const cancellable &) = delete;
    cancellable &operator=(const cancellable &) = delete;
    virtual ~cancellable() = default;

    /// Called on any thread, attached or not; must neither block nor call Python. A task that has
    /// begun or ended may ignore it.
    virtual void cancel() noexcept = 0;

    /// Called before any other thread knows the task. Without an override, no one is told.
    virtual void report_to(std::shared_ptr<settled_listener> /*listener*/) noexcept {}
};

}  // namespace detail

/// Cancels tasks: a task that was submitted with it and has not begun fails at once with a
/// cancelled_error. A running task is not interrupted, but a C++ task can check requested().
///
///     holdfast::cancellation off;
///     auto result = pool.submit(off, score, "text", 5);
///     off.request();
///
/// Owns:    the list of what can still be cancelled, shared between copies.
/// Threads: any, attached or not.
class cancellation {
public:
    cancellation();

    /// For coroutines: what is submitted with it also reports to `listener`.
    explicit cancellation(std::shared_ptr<detail::settled_listener> listener);

    /// Cancels the tasks that have not begun, and any task submitted with it from now on. Does not
    /// wait.
    void request() const noexcept;

    [[nodiscard]] bool requested() const noexcept {
        return shared_->requested.load(std::memory_order_acquire);
    }

    /// For engines: adds something for request() to cancel. If request() was called before, cancels
    /// it now.
    void add(const std::shared_ptr<detail::cancellable> &one) const;

private:
    struct shared {
        std::mutex mutex;  // a leaf
        std::atomic<bool> requested{false};
        std::vector<std::weak_ptr<detail::cancellable>> waiting;  // guarded by mutex
        // Guarded by mutex: at this length, look for entries that are done
        std::size_t look_again = 32;
        std::shared_ptr<detail::settled_listener> listener;  // set once, before it is shared
    };

    /// \return the number of entries left.
    static std::size_t forget_dead(std::vector<std::weak_ptr<detail::cancellable>> &list) noexcept;

    std::shared_ptr<shared> shared_;
};

namespace detail {

/// Requests another cancellation. The one that it was added to does not keep it.
class linked_cancellation final : public cancellable {
public:
    explicit linked_cancellation(cancellation off) noexcept : off_(std::move(off)) {}
    void cancel() noexcept override { off_.request(); }

private:
    const cancellation off_;
};

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/pools/cancellation.ipp>
#endif
