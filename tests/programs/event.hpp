// event.hpp: an event that happens once, for threads that must meet at one point.
#pragma once

#include <future>

/// Threads: set() once, from any thread; wait() from any number of them. It does not detach.
class event {
public:
    void set() { promise_.set_value(); }
    void wait() const {
        future_.wait();  // holdfast: ignore[HF613] programs hold Python with it on purpose
    }

    /// False if it has not happened within the limit.
    template <class Duration>
    [[nodiscard]] bool wait_for(Duration limit) const {
        return future_.wait_for(limit) == std::future_status::ready;
    }

private:
    std::promise<void> promise_;
    std::shared_future<void> future_ = promise_.get_future().share();
};
