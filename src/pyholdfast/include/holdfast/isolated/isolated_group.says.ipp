// holdfast/isolated/isolated_group.says.ipp: what tasks say before they end, and calls of the host's
// functions.
//
// A part of the bodies of isolated_group.hpp.
#pragma once

#include <holdfast/isolated/isolated_group.hpp>

#include <algorithm>
#include <exception>
#include <utility>

#include <holdfast/isolated/call_of_host.hpp>
#include <holdfast/platform/child_process.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/pool_error.hpp>

namespace holdfast::detail {

/// With the mutex held: a chunk or a call of the task that runs. False: that is settled, with an
/// error.
HOLDFAST_DETAIL_BODY bool isolated_group::accept_said(worker &one, const worker_answer &answer,
                                                      clock::time_point now,
                                                      std::shared_ptr<isolated_task> &task) {
    worker::sent &first = one.in_flight.front();
    const bool is_chunk = answer.kind == answer_kind::chunk;
    const std::uint32_t asked_for = is_chunk ? request_streams : request_calls;
    std::uint32_t &count = is_chunk ? first.chunks : first.calls;
    if ((first.task->flags & asked_for) == 0 ||
        count - (is_chunk ? first.read : first.answered) > chunks_ahead) {
        stop_worker(one, error_of(one, worker_end::protocol), worker_end::protocol,
                    "said more than a worker says");
        return false;
    }
    ++count;
    task = first.task;
    give_back_segments(one, answer);
    if (is_chunk && !one.is_interrupted)
        begin_task_time(one, now);
    return true;
}

/// The worker no longer uses them.
HOLDFAST_DETAIL_BODY void isolated_group::give_back_segments(worker &one,
                                                             const worker_answer &answer) {
    for (const std::uint32_t number : answer.released)
        if (const auto found = one.lent.find(number); found != one.lent.end()) {
            segments_.give_back(std::move(found->second));
            one.lent.erase(found);
        }
}

/// The task that runs begins, or has sent a chunk: its limits apply from now on.
HOLDFAST_DETAIL_BODY void isolated_group::begin_task_time(worker &one, clock::time_point now) {
    one.since = now;
    one.more = {};
    one.limit_stands = one.is_asked = false;
    if (config_.cpu) {
        one.cpu_before = one.process.cpu_ns();
        one.cpu_check = now;
    }
}

/// False: the task is over, and what its function uses may be gone.
HOLDFAST_DETAIL_BODY bool isolated_group::begin_callback(isolated_task &task) {
    const std::lock_guard<std::mutex> hold(mutex_);
    if (!task.is_over)
        in_callbacks_.push_back(std::this_thread::get_id());
    task.in_callback = !task.is_over;
    return task.in_callback;
}

HOLDFAST_DETAIL_BODY void isolated_group::run_callback(const std::shared_ptr<isolated_task> &task,
                                                       const worker_answer &answer) {
    using kind = plain_value::kind;
    if (!begin_callback(*task))
        return end_callback(task, callback_failed, nullptr);
    std::uint32_t verdict = callback_failed;
    std::exception_ptr problem;
    try {
        const plain_value all =
            read_plain(answer.pickle, answer.buffers, config_.result_limit / 32);
        if (all.what != kind::tuple || all.items.size() != 2 ||
            all.items[0].what != kind::integer || all.items[1].what != kind::tuple ||
            static_cast<std::uint64_t>(all.items[0].integer) >= task->callbacks.size())
            throw malformed_answer("it describes no call");
        const auto index = static_cast<std::size_t>(all.items[0].integer);
        verdict = task->callbacks[index](all.items[1]) ? 1 : 0;
    } catch (const malformed_answer &malformed) {
        problem = std::make_exception_ptr(
            worker_error(worker_end::protocol,
                         "a call by " + task->text() +
                             " is not what a worker of ours sends: " + malformed.what(),
                         0, -1, ""));
    } catch (...) {
        pass_on_forced_unwind();
        problem = std::current_exception();
    }
    end_callback(task, verdict, problem);
}

/// Tells the worker, or settles the task if that has waited for the function.
HOLDFAST_DETAIL_BODY void isolated_group::end_callback(const std::shared_ptr<isolated_task> &task,
                                                       std::uint32_t verdict,
                                                       const std::exception_ptr &problem) {
    lock hold(mutex_);
    if (std::exchange(task->in_callback, false))
        in_callbacks_.erase(
            std::find(in_callbacks_.begin(), in_callbacks_.end(), std::this_thread::get_id()));
    if (problem != nullptr && task->callback_error == nullptr)
        task->callback_error = problem;
    // Once: another call of the task may be queued, and comes here, too.
    if (const std::exception_ptr why = std::exchange(task->ends_with, nullptr)) {
        settle(task, why);
    } else if (const auto late = std::exchange(task->late_answer, nullptr)) {
        if (task->callback_error != nullptr)
            return settle(task, task->callback_error);
        hold.unlock();
        if (!task->take(*late, config_.result_limit / 32).empty())
            task->give_up(std::make_exception_ptr(worker_error(
                worker_end::protocol,
                "the answer of " + task->text() + " is not what a worker of ours sends", 0, -1,
                "")));
        hold.lock();
        --outstanding_;
        one_is_done();
    } else if (const std::shared_ptr<worker> one = worker_of(*task)) {
        ++one->in_flight.front().answered;
        one->in_flight.front().verdict = verdict;
        tell(*one);
    }
}

/// A function of the host runs: the answer is taken after that.
HOLDFAST_DETAIL_BODY bool isolated_group::put_off(isolated_task &task, worker_answer &answer) {
    const std::lock_guard<std::mutex> hold(mutex_);
    task.is_over = true;
    if (task.in_callback)
        task.late_answer = std::make_shared<worker_answer>(std::move(answer));
    return task.in_callback;
}

/// With the mutex held: the worker that runs it.
HOLDFAST_DETAIL_BODY std::shared_ptr<isolated_worker> isolated_group::worker_of(
    const isolated_task &task) {
    for (const auto &[id, one] : all_)
        if (!one->in_flight.empty() && one->in_flight.front().task.get() == &task &&
            !one->is_killed)
            return one;
    return nullptr;
}

/// With the mutex held: how much has been read, and what the last call has returned.
HOLDFAST_DETAIL_BODY void isolated_group::tell(worker &one) {
    const worker::sent &first = one.in_flight.front();
    if (one.ring.hear(first.number, first.read, first.answered, first.verdict))
        one.process.ring();
}

HOLDFAST_DETAIL_BODY void isolated_group::chunk_was_read(const isolated_task &task) {
    if (is_in_child())
        return;
    const std::lock_guard<std::mutex> hold(mutex_);
    const std::shared_ptr<worker> one = worker_of(task);
    if (one == nullptr)
        return;
    worker::sent &first = one->in_flight.front();
    const bool waited = first.waits_for_reader();
    ++first.read;
    if (waited && !first.waits_for_reader()) {
        begin_task_time(*one, clock::now());
        if (config_.limit || config_.cpu)
            set_timer(due_of(*one));
    }
    tell(*one);
}

HOLDFAST_DETAIL_BODY void isolated_group::stop_stream(isolated_task &task) {
    task.give_up(nullptr);  // if it waits, it is not begun
    if (is_in_child())
        return;
    const std::lock_guard<std::mutex> hold(mutex_);
    if (const std::shared_ptr<worker> one = worker_of(task))
        end_stream(*one);
    else
        drop(task);
    task.is_over = true;
}

/// With the mutex held: the generator that runs there is closed. Its limits apply to that, too.
HOLDFAST_DETAIL_BODY void isolated_group::end_stream(worker &one) {
    const worker::sent &first = one.in_flight.front();
    const bool waited = first.waits_for_reader();
    first.task->is_over = true;
    if (waited) {
        begin_task_time(one, clock::now());
        if (config_.limit || config_.cpu)
            set_timer(due_of(one));
    }
    if (one.ring.stop(first.number))
        one.process.ring();
}

/// With the mutex held: the pool ends, and does not wait for those who read.
HOLDFAST_DETAIL_BODY void isolated_group::end_streams() {
    const std::exception_ptr why = std::make_exception_ptr(pool_is_closed(config_.name));
    for (const std::shared_ptr<isolated_task> &task : queue_)
        if ((task->flags & request_streams) != 0)
            task->give_up(why);
    for (const auto &[id, one] : all_) {
        if (one->in_flight.empty() || (one->in_flight.front().task->flags & request_streams) == 0)
            continue;
        isolated_task &task = *one->in_flight.front().task;
        if (!task.in_callback)
            task.give_up(why);
        else if (task.callback_error == nullptr)  // the reader has what the function uses
            task.callback_error = why;
        end_stream(*one);
    }
    dispatch();
}

/// With the mutex held: asks on_limit, once, until it has answered.
HOLDFAST_DETAIL_BODY void isolated_group::ask_for_more(worker &one) {
    one.is_asked = true;
    const std::shared_ptr<isolated_task> task = one.in_flight.front().task;
    limit_question question{
        name_of(one.slot), one.process.started_as(), task->text(),
        std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - one.since)};
    events_.call([this, id = one.id, task, question = std::move(question)] {
        std::chrono::milliseconds more{0};
        call_of_host("on_limit", [&] { more = config_.on_limit(question); });
        give_more(id, *task, more);
    });
}

/// With the mutex held: the thread that would ask is the one that ends the pool, so that no question
/// gets an answer.
HOLDFAST_DETAIL_BODY void isolated_group::ask_no_more() {
    asks_ = false;
    for (const auto &[id, one] : all_)
        one->is_asked = false;
    set_timer(clock::now());
}

HOLDFAST_DETAIL_BODY void isolated_group::give_more(std::uint64_t id, const isolated_task &task,
                                                    std::chrono::milliseconds more) {
    using std::chrono::milliseconds;
    const std::lock_guard<std::mutex> hold(mutex_);
    const auto found = all_.find(id);
    if (found == all_.end())
        return;
    worker &one = *found->second;
    if (!one.is_asked || one.in_flight.empty() || one.in_flight.front().task.get() != &task)
        return;  // it has ended meanwhile
    constexpr std::chrono::hours a_century{24 * 365 * 100};
    const auto had = std::chrono::duration_cast<milliseconds>(clock::now() - one.since);
    if (more.count() > 0)
        one.more =
            std::max(one.more, had + std::min<milliseconds>(more, a_century) - *config_.limit);
    else
        one.limit_stands = true;
    one.is_asked = false;
    set_timer(due_of(one));
}

}  // namespace holdfast::detail
