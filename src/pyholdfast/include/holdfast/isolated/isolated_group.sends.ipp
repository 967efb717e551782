// holdfast/isolated/isolated_group.sends.ipp: which worker gets which task, and how.
//
// A part of the bodies of isolated_group.hpp.
#pragma once

#include <holdfast/isolated/isolated_group.hpp>

#include <algorithm>
#include <system_error>
#include <utility>

namespace holdfast::detail {

/// Whether a task may be sent to a worker that has others to run first: see passed_ahead(). Else it
/// stays in the queue, and goes to the worker that answers next.
HOLDFAST_DETAIL_BODY bool isolated_group::may_wait_for(const worker &one,
                                                       const isolated_task &task) const noexcept {
    // A task that may be cancelled is sent only if it begins at once.
    if (one.in_flight.empty() || task.may_be_cancelled)
        return one.in_flight.empty();
    if (task.blocks.empty())
        return true;
    std::size_t waiting = task.blocks.size();
    for (std::size_t i = 1; i < one.in_flight.size(); ++i)
        waiting += one.in_flight[i].task->blocks.size();
    return waiting <= passed_ahead_;
}

/// Sends a worker as many tasks from the queue as it may have.
HOLDFAST_DETAIL_BODY void isolated_group::feed(worker &one) {
    const std::uint32_t before = one.last_number;
    while (!queue_.empty()) {
        const std::size_t ahead =
            one.usual < std::chrono::microseconds(300) && !one.is_taken ? most_ahead : 1;
        if (one.now != worker::state::ready || one.in_flight.size() >= ahead ||
            (config_.tasks_per_worker != 0 && one.tasks >= config_.tasks_per_worker))
            break;
        const std::shared_ptr<isolated_task> task = queue_.front();
        if (!may_wait_for(one, *task))
            break;
        queue_.pop_front();
        room_.notify_one();
        if (!task->begin()) {  // cancelled: its future is ready
            --outstanding_;
            one_is_done();
            continue;
        }
        if (send(one, task) == sending::queued)
            break;
    }
    if (one.last_number != before)
        publish(one);
}

/// Puts a request into the worker's ring; publish() must follow. If the task is not sent, it is back
/// at the front of the queue, or has failed; then the worker can take the next one.
HOLDFAST_DETAIL_BODY isolated_group::sending isolated_group::send(
    worker &one, std::shared_ptr<isolated_task> task) {
    task->has_begun = true;
    const bool is_first = one.in_flight.empty();
    if (is_first) {
        one.ring.all_read();
        if (!one.is_taken && !one.is_read)
            (void)one.ring.sleep(worker_process::watchers_bell);
    }
    const std::uint32_t number = one.last_number + 1;
    const bool fits = task->blocks.empty() && task->pickle.size() <= most_in_ring;
    std::error_code no_room;
    const send_outcome outcome =
        fits ? send_outcome::sent
             : send_request(one.process.socket(), number, task->flags, task->pickle, task->blocks,
                            task->pickle_in_block, no_room);
    if (outcome == send_outcome::broken && is_first) {  // it has just ended, or closed its socket
        ready_.erase(std::remove(ready_.begin(), ready_.end(), &one), ready_.end());
        one.now = worker::state::ending;
        one.process.kill();
        queue_.push_front(std::move(task));
        return sending::queued;
    }
    if (outcome == send_outcome::full && is_first && is_crowded(no_room)) {
        constexpr std::chrono::seconds most{5};
        const clock::time_point now = clock::now();
        if (!task->refused_since)
            task->refused_since = now;
        if (now - *task->refused_since < most) {
            queue_.push_front(std::move(task));
            set_timer(now + std::chrono::milliseconds(1));
            return sending::queued;
        }
    }
    if (outcome == send_outcome::full && is_first) {
        // The worker has nothing to do and no room for one request: the system has no memory.
        settle(task, std::make_exception_ptr(std::system_error(
                         no_room, "a request could not be sent to worker " + name_of(one.slot))));
        return sending::failed;
    }
    std::uint32_t position = 0;
    if (outcome != send_outcome::sent ||
        !one.ring.put(fits ? task->flags : message_ring::in_socket,
                      fits ? std::string_view(task->pickle) : std::string_view(), position)) {
        queue_.push_front(std::move(task));
        return sending::queued;
    }
    if (is_first) {
        const auto found = std::find(ready_.begin(), ready_.end(), &one);
        if (found != ready_.end())
            ready_.erase(found);
        begin_task_time(one, clock::now());
    }
    ++one.tasks;
    one.last_number = number;
    task->refused_since.reset();
    one.in_flight.push_back({number, position, std::move(task)});
    if (is_first)
        record_task(one);
    if (config_.limit || config_.cpu)
        set_timer(due_of(one));
    return sending::sent;
}

HOLDFAST_DETAIL_BODY void isolated_group::publish(worker &one) {
    if (one.ring.publish())
        one.process.ring();
}

/// Takes over half of the tasks that were sent to another worker, and that this one has not begun.
HOLDFAST_DETAIL_BODY void isolated_group::take_over_work(worker &idle) {
    for (const auto &[id, other] : all_) {
        if (other.get() == &idle || other->now != worker::state::ready || other->is_killed)
            continue;
        std::deque<worker::sent> &theirs = other->in_flight;
        std::size_t kept = theirs.size();
        while (kept > (theirs.size() + 1) / 2 && theirs[kept - 1].task->blocks.empty() &&
               theirs[kept - 1].task->pickle.size() <= most_in_ring)
            --kept;  // what is in the socket cannot be taken back
        bool must_wake = false;
        if (kept == theirs.size())
            continue;
        const worker::sent first = theirs[kept];
        if (other->ring.take_back(first.position, first.number, must_wake)) {
            other->last_number = first.number - 1;
            other->tasks -= theirs.size() - kept;
            for (; theirs.size() > kept; theirs.pop_back())
                queue_.push_front(std::move(theirs.back().task));
            return feed(idle);
        }
        if (must_wake)
            other->process.ring();
    }
}

}  // namespace holdfast::detail
