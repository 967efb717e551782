// holdfast/isolated/isolated_group.answers.ipp: reads the workers' answers and settles their tasks.
//
// A part of the bodies of isolated_group.hpp.
#pragma once

#include <holdfast/isolated/isolated_group.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/platform/packet_socket.hpp>

namespace holdfast::detail {

/// The next answer in the worker's ring.
HOLDFAST_DETAIL_BODY receive_outcome isolated_group::take_answer(worker &one,
                                                                 worker_answer &answer) {
    try {
        ring_entry entry;
        const message_ring::outcome outcome = one.ring.take(entry);
        if (outcome == message_ring::outcome::nothing)
            return receive_outcome::nothing;
        if (outcome == message_ring::outcome::malformed)
            return receive_outcome::malformed;
        if (entry.flags == message_ring::in_socket) {
            if (one.packets.empty() &&
                receive_answer(one.process.socket(), config_.result_limit, one.results,
                               one.packets.emplace_back()) != receive_outcome::received)
                return receive_outcome::malformed;
            answer = std::move(one.packets.front());
            one.packets.pop_front();
        } else {
            answer.task = entry.number;
            answer.kind = static_cast<answer_kind>(entry.flags);
            answer.pickle = std::move(entry.pickle);
        }
        const bool is_answer = entry.flags == message_ring::in_socket ||
                               entry.flags <= static_cast<unsigned>(answer_kind::called);
        return is_answer && answer.kind != answer_kind::ready &&
                       answer.kind != answer_kind::not_started && answer.task == entry.number
                   ? receive_outcome::received
                   : receive_outcome::malformed;
    } catch (const std::bad_alloc &) {  // more than the host has memory for
        return receive_outcome::malformed;
    }
}

/// Reads up to `most` answers, and what tasks say before.
HOLDFAST_DETAIL_BODY isolated_group::reading isolated_group::read_answers(worker &one,
                                                                          std::size_t most) {
    std::vector<worker_answer> answers;
    receive_outcome outcome = receive_outcome::received;
    while (answers.size() < most && outcome == receive_outcome::received) {
        worker_answer answer;
        outcome = take_answer(one, answer);
        if (outcome == receive_outcome::received)
            answers.push_back(std::move(answer));
    }
    reading read = reading::nothing;
    if (!answers.empty())
        read = accept(one, answers) ? reading::answered : reading::said;
    if (outcome == receive_outcome::malformed)
        break_off(one);
    return read;
}

HOLDFAST_DETAIL_BODY bool isolated_group::was_killed(const worker &one) {
    const std::lock_guard<std::mutex> hold(mutex_);
    return one.is_killed;
}

HOLDFAST_DETAIL_BODY void isolated_group::break_off(worker &one) {
    const std::lock_guard<std::mutex> hold(mutex_);
    if (!one.is_killed)
        stop_worker(one, error_of(one, worker_end::protocol), worker_end::protocol,
                    "sent what no worker sends");
}

/// For the thread that has taken the worker: returns once its task is answered or the worker ends.
HOLDFAST_DETAIL_BODY void isolated_group::wait_for_answer(worker &one) {
    for (;;) {
        switch (read_answers(one, 1)) {
        case reading::answered:
            return;
        case reading::said:
            continue;
        case reading::nothing:
            break;
        }
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            if (one.is_killed)
                return let_go(one);
        }
        if (one.end_seen.load(std::memory_order_acquire)) {
            if (read_answers(one, 1) == reading::answered)
                return;
            const std::lock_guard<std::mutex> hold(mutex_);
            return let_go(one);
        }
        if (one.ring.sleep(worker_process::callers_bell))
            one.process.wait_for_ring();
    }
}

/// Gives back a taken worker. The watching thread leaves its end to the thread that has taken it.
HOLDFAST_DETAIL_BODY void isolated_group::let_go(worker &one) {
    if (std::exchange(one.is_taken, false) && one.end)
        bury(one);
}

/// True: a thread that had taken the worker has it no longer, and must not read on.
HOLDFAST_DETAIL_BODY bool isolated_group::accept(worker &one, std::vector<worker_answer> &answers) {
    std::vector<std::shared_ptr<isolated_task>> answered(answers.size());
    bool is_over = false;
    bool is_ours = false;
    {
        const std::lock_guard<std::mutex> hold(mutex_);
        const clock::time_point now = clock::now();
        std::size_t next = 0;
        while (next < answers.size() && !one.is_killed &&
               accept_result(one, answers[next], now, answered[next]))
            ++next;
        const bool goes_on = next == answers.size();
        is_over = !goes_on || is_last_of_task(answers.back().kind);
        is_ours = one.is_taken && !is_over;
        if (is_over)
            let_go(one);
        if (goes_on && one.in_flight.empty() && one.now == worker::state::ready) {
            if (config_.tasks_per_worker != 0 && one.tasks >= config_.tasks_per_worker)
                retire(one);
            else
                ready_.push_back(&one);
        }
        if (goes_on) {
            feed(one);
            if (queue_.empty() && one.in_flight.empty() && one.now == worker::state::ready)
                take_over_work(one);
        }
    }
    settle_answered(one, answers, answered, is_ours);
    return is_over;
}

HOLDFAST_DETAIL_BODY void isolated_group::settle_answered(
    worker &one, std::vector<worker_answer> &answers,
    const std::vector<std::shared_ptr<isolated_task>> &answered, bool is_ours) {
    std::vector<std::pair<std::size_t, std::string>> problems;
    std::size_t settled = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (answered[i] == nullptr || is_last_of_task(answers[i].kind))
            continue;
        if (answers[i].kind == answer_kind::chunk) {
            std::string problem = answered[i]->take_chunk(answers[i], config_.result_limit / 32);
            if (!problem.empty())
                problems.emplace_back(i, std::move(problem));
        } else if (is_ours) {
            run_callback(answered[i], answers[i]);
        } else {
            callbacks_.call([this, task = answered[i],
                             answer = std::make_shared<worker_answer>(std::move(answers[i]))] {
                run_callback(task, *answer);
            });
        }
    }
    // The last one first: a thread that waits for them in order then wakes once, not for each.
    for (std::size_t i = answers.size(); i-- > 0;)
        if (answered[i] != nullptr && is_last_of_task(answers[i].kind)) {
            if ((answered[i]->flags & request_calls) != 0 && put_off(*answered[i], answers[i]))
                continue;
            ++settled;
            std::string problem = answered[i]->take(answers[i], config_.result_limit / 32);
            if (!problem.empty())
                problems.emplace_back(i, std::move(problem));
        }
    for (const auto &[i, problem] : problems) {
        const std::exception_ptr why = std::make_exception_ptr(
            worker_error(worker_end::protocol,
                         "the answer of " + answered[i]->text() +
                             " is not what a worker of ours sends: " + problem,
                         0, -1, ""));
        answered[i]->give_up(why);
        const std::lock_guard<std::mutex> hold(mutex_);
        if (!one.is_killed)
            stop_worker(one, why, worker_end::protocol, "sent a malformed answer: " + problem);
    }
    if (settled == 0)
        return;
    const std::lock_guard<std::mutex> hold(mutex_);
    outstanding_ -= settled;
    one_is_done();
}

/// With the mutex held. False: its task is settled, with an error.
HOLDFAST_DETAIL_BODY bool isolated_group::accept_result(worker &one, worker_answer &answer,
                                                        clock::time_point now,
                                                        std::shared_ptr<isolated_task> &answered) {
    if (one.in_flight.empty() || one.in_flight.front().number != answer.task) {
        stop_worker(one, error_of(one, worker_end::protocol), worker_end::protocol,
                    "answered what it was not asked");
        return false;
    }
    // It has nothing else to run: what is in the socket now does not belong there, and the host has
    // not sent the task yet that would be blamed for it later.
    if (one.in_flight.size() == 1 && is_last_of_task(answer.kind) &&
        (!one.packets.empty() || has_packet(one.process.socket()))) {
        stop_worker(one, error_of(one, worker_end::protocol), worker_end::protocol,
                    "sent what no worker sends");
        return false;
    }
    if (one.stack_asked) {  // the limit has passed, and the signal may have changed the answer
        if (config_.limit && now >= one.since + limit_of(one))
            stop_worker(one, error_of_limit(one, true, one.process.stack()), std::nullopt,
                        "answered after its limit and was killed");
        else
            stop_worker(one, error_of(one, worker_end::cpu), worker_end::cpu,
                        "reached its limit of processor time");
        return false;
    }
    if (answer.kind == answer_kind::no_memory) {
        std::exception_ptr why = error_of(one, worker_end::memory);
        try {
            std::rethrow_exception(reported_exception(answer));
        } catch (const python_error &raised) {
            why = std::make_exception_ptr(
                worker_error(worker_end::memory,
                             one.in_flight.front().task->text() + " needed more than the " +
                                 std::to_string(config_.memory.value_or(0)) +
                                 " bytes that a worker may have: " + raised.type(),
                             0, -1, raised.traceback()));
        } catch (...) {
            why = error_of(one, worker_end::protocol);
        }
        stop_worker(one, why, worker_end::memory, "reached its memory limit");
        return false;
    }
    if (!is_last_of_task(answer.kind))
        return accept_said(one, answer, now, answered);
    answered = std::move(one.in_flight.front().task);
    one.in_flight.pop_front();
    for (large_block &block : std::exchange(answered->blocks, {})) {
        const std::uint32_t number = block.memory->number();
        one.lent[number] = std::move(block.memory);
    }
    give_back_segments(one, answer);
    one.usual = (one.usual * 7 + (now - one.since)) / 8;
    record_task(one);
    if (answered->callback_error != nullptr) {
        settle(answered, answered->callback_error);
        answered.reset();
    } else if (answer.kind == answer_kind::interrupted && one.is_interrupted) {
        std::string stack;
        try {
            std::rethrow_exception(reported_exception(answer));
        } catch (const python_error &raised) {
            stack = raised.traceback();
        } catch (...) {  // a malformed report: no stack
        }
        settle(answered, error_of_limit(one, false, std::move(stack)));
        answered.reset();
    }
    begin_task_time(one, now);
    one.is_interrupted = false;
    one.excuses = 0;
    return true;
}

}  // namespace holdfast::detail
