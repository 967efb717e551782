// holdfast/pools/engine_task.ipp: the bodies of engine_task.hpp.
#pragma once

#include <holdfast/pools/engine_task.hpp>

#include <string>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY void finish_line::arrive(std::size_t index) {
    const std::lock_guard<std::mutex> hold(mutex_);
    arrived_.push_back(index);
    one_arrived_.notify_one();
}

HOLDFAST_DETAIL_BODY std::size_t finish_line::next() {
    const detach_guard detached;
    std::unique_lock<std::mutex> hold(mutex_);
    one_arrived_.wait(hold, [this] { return !arrived_.empty(); });
    const std::size_t index = arrived_.front();
    arrived_.pop_front();
    return index;
}

HOLDFAST_DETAIL_BODY remote_task::remote_task(const char *module, const char *name) noexcept
    : call_{"", module, name, "()"} {}

HOLDFAST_DETAIL_BODY remote_task::~remote_task() = default;

HOLDFAST_DETAIL_BODY std::string remote_task::called() const {
    return std::string(call_.module) + '.' + call_.name + "()";
}

HOLDFAST_DETAIL_BODY std::string remote_task::path() const {
    return std::string(call_.module) + ':' + call_.name;
}

}  // namespace holdfast::detail
