// holdfast/isolated/isolated_group.ends.ipp: how workers take a slot and leave it.
//
// A part of the bodies of isolated_group.hpp.
#pragma once

#include <holdfast/isolated/isolated_group.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

#include <holdfast/isolated/call_of_host.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY std::string isolated_group::name_of(std::size_t slot) const {
    return config_.name + '-' + (slot == worker::no_slot ? "spare" : std::to_string(slot));
}

HOLDFAST_DETAIL_COLD_BODY void isolated_group::note(worker_event::kind what, const worker &one,
                                                    std::size_t slot, std::optional<worker_end> how,
                                                    const std::string &text) {
    if (!config_.on_event)
        return;
    events_.call(
        [this, event = worker_event{what, one.process.started_as(), name_of(slot), how, text}] {
            call_of_host("on_event", [&] { config_.on_event(event); });
        });
}

HOLDFAST_DETAIL_COLD_BODY std::exception_ptr isolated_group::error_of(const worker &one,
                                                                      worker_end how) const {
    std::string text = "worker " + name_of(one.slot);
    if (how == worker_end::protocol)
        text += " sent what no worker of ours sends, and was killed";
    else if (how == worker_end::cpu)
        text += " used more than " + std::to_string(config_.cpu ? config_.cpu->count() : 0) +
                " s of processor time and was killed";
    else
        text += " needed more memory than it may have";
    if (!one.in_flight.empty())
        text += " while it ran " + one.in_flight.front().task->text();
    return std::make_exception_ptr(worker_error(how, text, 0, -1, one.process.stack()));
}

HOLDFAST_DETAIL_COLD_BODY std::exception_ptr isolated_group::error_of_end(const worker &one,
                                                                          std::string &text,
                                                                          worker_end &how) const {
    how = has_used_its_time(*one.end) ? worker_end::cpu
          : has_crashed(*one.end)     ? worker_end::signal
                                      : worker_end::exit;
    text = text_of(*one.end);
    std::string whole = "worker " + name_of(one.slot) + " (pid " +
                        std::to_string(one.process.started_as()) + ") " + text;
    if (!one.in_flight.empty())
        whole += " while it ran " + one.in_flight.front().task->text();
    return std::make_exception_ptr(
        worker_error(how, whole, one.end->signal, one.end->exit_status, one.process.stack()));
}

/// Gives a worker that is ready a free slot, so that it takes tasks.
HOLDFAST_DETAIL_BODY void isolated_group::take_slot(worker &one) {
    const auto free = std::find(slots_.begin(), slots_.end(), nullptr);
    if (free == slots_.end() || ending_)
        return;
    *free = &one;
    one.slot = static_cast<std::size_t>(free - slots_.begin());
    if (one.output != nullptr)
        output_->rename(*one.output, name_of(one.slot));
    begin_track(one);
    const bool again = was_taken_[one.slot];
    was_taken_[one.slot] = true;
    note(again ? worker_event::kind::restarted : worker_event::kind::started, one, one.slot,
         std::nullopt, again ? "another process has taken its place" : "it takes tasks");
    ready_.push_back(&one);
    dispatch();
    if (one.in_flight.empty())
        take_over_work(one);
}

/// Gives queued tasks to idle workers.
HOLDFAST_DETAIL_BODY void isolated_group::dispatch() {
    for (std::size_t before = 0; !queue_.empty() && !ready_.empty() && ready_.size() != before;) {
        before = ready_.size();
        feed(*ready_.back());
    }
}

/// Gives its slot to the spare, if that is ready. The tasks that it had not begun are queued again.
HOLDFAST_DETAIL_BODY void isolated_group::leave_slot(worker &one, std::optional<worker_end> how,
                                                     const std::string &text) {
    const auto idle = std::find(ready_.begin(), ready_.end(), &one);
    if (idle != ready_.end())
        ready_.erase(idle);
    if (one.slot == worker::no_slot)
        return;
    note(worker_event::kind::ended, one, one.slot, how, text);
    if (one.track)
        one.track->end();
    one.track.reset();
    ++workers_ended_;
    slots_[one.slot] = nullptr;
    one.slot = worker::no_slot;
    ends_.push_back(clock::now());
    for (const auto &[id, other] : all_)
        if (other->now == worker::state::ready && other->slot == worker::no_slot && !other->end) {
            take_slot(*other);
            break;
        }
    dispatch();
    wake();
}

/// Returns the tasks that were sent to a worker, but that it had not begun, to the queue. The one
/// that it was running fails.
HOLDFAST_DETAIL_BODY void isolated_group::leave_tasks(worker &one, const std::exception_ptr &why) {
    // The worker says what it has begun. If it is wrong, a task could be sent again for ever.
    constexpr unsigned most_moves = 5;
    std::deque<worker::sent> &all = one.in_flight;
    const std::uint32_t begun = one.ring.take_back_all();
    for (; !all.empty() && static_cast<std::int32_t>(all.back().number - begun) > 0;
         all.pop_back()) {
        if (all.size() == 1 && ++all.back().task->moves > most_moves)
            break;
        queue_.push_front(std::move(all.back().task));
    }
    for (const worker::sent &sent : std::exchange(one.in_flight, {}))
        settle(sent.task, why);
}

/// Kills a worker. Its tasks do not wait for its end, which takes long if it has much memory.
HOLDFAST_DETAIL_BODY void isolated_group::stop_worker(worker &one, const std::exception_ptr &why,
                                                      std::optional<worker_end> how,
                                                      const std::string &text) {
    one.is_killed = true;
    one.now = worker::state::ending;
    one.since = clock::now();
    one.process.kill();
    leave_tasks(one, why);
    leave_slot(one, how, text);
    if (one.is_taken)  // its future is ready
        one.process.ring_caller();
}

/// Lets a worker end by itself: it finds no more requests.
HOLDFAST_DETAIL_BODY void isolated_group::retire(worker &one) {
    one.now = worker::state::ending;
    one.since = clock::now();
    set_timer(due_of(one));
    if (one.ring.close())
        one.process.ring();
    leave_slot(one, std::nullopt, ending_ ? "the pool ends" : "it has run as many tasks as it may");
}

HOLDFAST_DETAIL_BODY void isolated_group::retire_spare() {
    for (const auto &[id, one] : all_)
        if (one->now == worker::state::ready && one->slot == worker::no_slot)
            return retire(*one);
}

/// A worker's process is gone: settles what it leaves, and forgets it.
HOLDFAST_DETAIL_BODY void isolated_group::bury(worker &one) {
    // Killed because no request could be sent to it, it still has its slot.
    if (!one.is_killed || one.slot != worker::no_slot) {
        std::string text;
        worker_end how = worker_end::signal;
        const std::exception_ptr why = error_of_end(one, text, how);
        one.is_killed = true;
        leave_tasks(one, why);
        leave_slot(one, how, text);
    }
    const auto found = all_.find(one.id);
    if (found == all_.end())
        return;
    one.process.forget_in(watched_);
    if (one.output != nullptr)
        output_->finish(one.output);
    all_.erase(found);
    wake();
}

HOLDFAST_DETAIL_BODY std::size_t isolated_group::count(worker::state which) const noexcept {
    return static_cast<std::size_t>(std::count_if(
        all_.begin(), all_.end(), [&](const auto &one) { return one.second->now == which; }));
}

/// \param one  null: there is no process.
HOLDFAST_DETAIL_COLD_BODY void isolated_group::start_failed(worker *one, const std::string &text,
                                                            const std::string &stack) {
    using state = worker::state;
    if (one != nullptr) {
        one->is_killed = true;
        one->now = state::ending;
        one->since = clock::now();
        one->process.kill();
    }
    const worker nobody;
    const auto free = std::find(slots_.begin(), slots_.end(), nullptr);
    const std::size_t slot =
        free == slots_.end() ? worker::no_slot : static_cast<std::size_t>(free - slots_.begin());
    note(worker_event::kind::ended, one == nullptr ? nobody : *one, slot, worker_end::start_failed,
         text);
    has_started_ = false;
    const bool others = count(state::ready) != 0 || count(state::starting) != 0;
    next_start_ = clock::now() + std::chrono::milliseconds(others ? 1000 : 50);
    set_timer(next_start_);
    if (others)
        return;
    starts_ = false;
    const std::exception_ptr why = std::make_exception_ptr(worker_error(
        worker_end::start_failed, "a worker of pool '" + config_.name + "' did not start: " + text,
        one != nullptr && one->end ? one->end->signal : 0,
        one != nullptr && one->end ? one->end->exit_status : -1, stack));
    for (const std::shared_ptr<isolated_task> &task : std::exchange(queue_, {}))
        settle(task, why);
    room_.notify_all();
}

}  // namespace holdfast::detail
