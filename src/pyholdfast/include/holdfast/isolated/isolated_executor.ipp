// holdfast/isolated/isolated_executor.ipp: the bodies of isolated_executor.hpp.
#pragma once

#include <holdfast/isolated/isolated_executor.hpp>

#include <cstring>
#include <utility>

#include <holdfast/isolated/isolated_group.hpp>

namespace holdfast {

namespace detail {

HOLDFAST_DETAIL_BODY void begin_request(pickle_writer &to, const callee &call) {
    to.mark();
    to.text(call.module);
    to.text(call.name);
}

HOLDFAST_DETAIL_BODY void finish_request(pickle_writer &to, segment_store &store,
                                         const callee &call, isolated_task &task) {
    to.end_tuple();
    task.module = call.module;
    task.name = call.name;
    task.pickle = to.finish();
    task.blocks = to.take_blocks();
    task.callbacks = to.take_callbacks();
    if (!task.callbacks.empty())
        task.flags |= request_calls;
    if (task.pickle.size() < large_size)
        return;
    large_block block;
    block.memory = store.take(task.pickle.size());
    block.size = task.pickle.size();
    std::memcpy(block.memory->data(), task.pickle.data(), task.pickle.size());
    task.blocks.insert(task.blocks.begin(), std::move(block));
    task.pickle_in_block = true;
    task.pickle = {};
}

HOLDFAST_DETAIL_BODY void chunk_was_read(isolated_group &group, const isolated_task &task) {
    group.chunk_was_read(task);
}

HOLDFAST_DETAIL_BODY void stop_stream(isolated_group &group, isolated_task &task) {
    group.stop_stream(task);
}

HOLDFAST_DETAIL_BODY void leave_queue(const std::weak_ptr<isolated_group> &group,
                                      const isolated_task &task) noexcept {
    if (const std::shared_ptr<isolated_group> alive = group.lock())
        alive->leave_queue(task);
}

}  // namespace detail

HOLDFAST_DETAIL_BODY isolated_executor::isolated_executor(isolated_config config)
    : group_(std::make_shared<detail::isolated_group>(std::move(config))) {
    group_->start();
}

HOLDFAST_DETAIL_BODY isolated_executor::~isolated_executor() { group_->end(); }

HOLDFAST_DETAIL_BODY bool isolated_executor::drain(std::chrono::milliseconds limit) {
    return group_->wait_idle(limit);
}

HOLDFAST_DETAIL_BODY void isolated_executor::close() { group_->close(); }

HOLDFAST_DETAIL_BODY std::size_t isolated_executor::waiting() const { return group_->waiting(); }

HOLDFAST_DETAIL_BODY std::size_t isolated_executor::workers() const { return group_->workers(); }

HOLDFAST_DETAIL_BODY isolated_counters isolated_executor::counters() const {
    return group_->counters();
}

HOLDFAST_DETAIL_BODY detail::segment_store &isolated_executor::segments() const {
    return group_->segments();
}

HOLDFAST_DETAIL_BODY void isolated_executor::queue(std::shared_ptr<detail::isolated_task> task) {
    group_->submit(std::move(task));
}

HOLDFAST_DETAIL_BODY void isolated_executor::run(
    const std::shared_ptr<detail::isolated_task> &task) {
    group_->call(task);
}

}  // namespace holdfast
