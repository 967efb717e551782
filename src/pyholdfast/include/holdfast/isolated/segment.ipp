// holdfast/isolated/segment.ipp: the bodies of segment.hpp.
#pragma once

#include <holdfast/isolated/segment.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY std::unique_ptr<segment> segment_store::take(std::size_t size) {
    std::uint32_t number = 0;
    {
        const std::lock_guard<std::mutex> hold(mutex_);
        const auto fits = [&](const std::unique_ptr<segment> &one) {
            return one->size() >= size && one->size() / 4 <= size;
        };
        // The last one is the warmest.
        const auto found = std::find_if(kept_.rbegin(), kept_.rend(), fits);
        if (found != kept_.rend()) {
            std::unique_ptr<segment> taken = std::move(*found);
            kept_.erase(std::next(found).base());
            kept_bytes_ -= taken->size();
            return taken;
        }
        number = ++last_number_;
    }
    return std::make_unique<segment>(size, number);
}

HOLDFAST_DETAIL_BODY void segment_store::give_back(std::unique_ptr<segment> one) noexcept {
    const std::lock_guard<std::mutex> hold(mutex_);
    if (one->size() > most_bytes)
        return;
    try {
        kept_.reserve(kept_.size() + 1);
    } catch (const std::exception &) {
        return;
    }
    kept_bytes_ += one->size();
    kept_.push_back(std::move(one));
    while (kept_.size() > most_kept || kept_bytes_ > most_bytes) {
        kept_bytes_ -= kept_.front()->size();
        kept_.erase(kept_.begin());
    }
}

}  // namespace holdfast::detail
