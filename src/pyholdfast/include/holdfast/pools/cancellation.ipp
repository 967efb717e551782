// holdfast/pools/cancellation.ipp: the bodies of cancellation.hpp.
#pragma once

#include <holdfast/pools/cancellation.hpp>

#include <utility>

namespace holdfast {

HOLDFAST_DETAIL_BODY cancellation::cancellation() : shared_(std::make_shared<shared>()) {}

HOLDFAST_DETAIL_BODY cancellation::cancellation(std::shared_ptr<detail::settled_listener> listener)
    : cancellation() {
    shared_->listener = std::move(listener);
}

HOLDFAST_DETAIL_BODY void cancellation::request() const noexcept {
    std::vector<std::weak_ptr<detail::cancellable>> all;
    {
        const std::lock_guard<std::mutex> hold(shared_->mutex);
        shared_->requested.store(true, std::memory_order_release);
        all.swap(shared_->waiting);
    }
    for (const std::weak_ptr<detail::cancellable> &one : all)
        if (const std::shared_ptr<detail::cancellable> alive = one.lock())
            alive->cancel();
}

HOLDFAST_DETAIL_BODY void cancellation::add(const std::shared_ptr<detail::cancellable> &one) const {
    if (shared_->listener != nullptr)
        one->report_to(shared_->listener);
    {
        const std::lock_guard<std::mutex> hold(shared_->mutex);
        if (!requested()) {
            if (shared_->waiting.size() >= shared_->look_again)
                shared_->look_again = 2 * forget_dead(shared_->waiting) + 32;
            shared_->waiting.push_back(one);
            return;
        }
    }
    one->cancel();
}

HOLDFAST_DETAIL_BODY std::size_t cancellation::forget_dead(
    std::vector<std::weak_ptr<detail::cancellable>> &list) noexcept {
    std::size_t kept = 0;
    for (std::weak_ptr<detail::cancellable> &one : list)
        if (!one.expired())
            list[kept++].swap(one);
    list.resize(kept);
    return kept;
}

}  // namespace holdfast
