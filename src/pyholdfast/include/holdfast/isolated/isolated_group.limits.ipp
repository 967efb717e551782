// holdfast/isolated/isolated_group.limits.ipp: enforces the limits of tasks, starts and ends.
//
// A part of the bodies of isolated_group.hpp.
#pragma once

#include <holdfast/isolated/isolated_group.hpp>

#include <algorithm>
#include <string>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY isolated_group::clock::time_point isolated_group::due_of(
    const worker &one) const {
    using namespace std::chrono_literals;
    if (one.now == worker::state::starting)
        return one.since + config_.start_limit;
    if (one.now == worker::state::ending)
        return one.is_killed || one.end ? clock::time_point::max() : one.since + 1s;
    clock::time_point due = clock::time_point::max();
    if (one.in_flight.empty())
        return due;
    if (one.in_flight.front().waits_for_reader())
        return due;
    if (config_.limit && !one.is_asked) {
        due = one.since + limit_of(one);
        if (one.stack_asked)
            due += worker_process::time_for_stack;
        if (config_.grace > 0ms && !one.is_interrupted)
            due = std::min(due, one.since + limit_of(one) - config_.grace);
    }
    return config_.cpu ? std::min(due, one.cpu_check) : due;
}

HOLDFAST_DETAIL_BODY void isolated_group::keep_limits() {
    const clock::time_point now = clock::now();
    std::vector<std::shared_ptr<worker>> all;
    for (const auto &[id, one] : all_)
        all.push_back(one);
    for (const std::shared_ptr<worker> &one : all) {
        if (due_of(*one) <= now)
            keep_limits_of(*one, now);
        set_timer(std::max(due_of(*one), now + std::chrono::microseconds(200)));
    }
    if (next_start_ > now)
        set_timer(next_start_);
}

HOLDFAST_DETAIL_BODY void isolated_group::keep_limits_of(worker &one, clock::time_point now) {
    using state = worker::state;
    if (one.now == state::starting)
        return start_failed(
            &one, "it was not ready within " + std::to_string(config_.start_limit.count()) + " ms",
            one.process.stack());
    if (one.now == state::ending) {
        one.is_killed = true;
        return one.process.kill();
    }
    if (config_.cpu && now >= one.cpu_check)
        keep_cpu_limit(one, now);
    if (one.now != state::ready || !config_.limit || one.is_asked)
        return;
    const std::chrono::milliseconds limit = limit_of(one);
    // An answer that this process was too busy to read came in time, but a worker could pretend.
    constexpr int most_excuses = 50;
    if (!one.stack_asked && one.ring.has_answer() && ++one.excuses < most_excuses)
        return;
    if (config_.on_limit && asks_ && !one.limit_stands && !one.is_interrupted && !one.stack_asked &&
        now >= one.since + limit - config_.grace)
        return ask_for_more(one);
    if (one.stack_asked && now >= one.since + limit + worker_process::time_for_stack) {
        std::string text = "ran " + one.in_flight.front().task->text() + " longer than " +
                           std::to_string(limit.count()) + " ms and was killed";
        return stop_worker(one, error_of_limit(one, true, one.process.stack()), std::nullopt, text);
    }
    if (config_.grace.count() > 0 && !one.is_interrupted &&
        now >= one.since + limit - config_.grace) {
        one.is_interrupted = true;
        one.ring.interrupt(one.in_flight.front().number);
        one.process.interrupt();
    }
    // Not before the limit: the signal ends a blocking system call, and so may change what the task
    // answers. accept_result() drops such an answer.
    if (!one.stack_asked && now >= one.since + limit) {
        one.stack_asked = true;
        one.process.forget_stack();
        one.process.ask_for_stack();
    }
}

HOLDFAST_DETAIL_BODY void isolated_group::keep_cpu_limit(worker &one, clock::time_point now) {
    using std::chrono::milliseconds;
    const std::chrono::nanoseconds used(one.process.cpu_ns() - one.cpu_before);
    const std::chrono::nanoseconds left = *config_.cpu - used;
    if (left.count() > 0) {
        const auto cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
        one.cpu_check = now + std::max<std::chrono::nanoseconds>(left / cores, milliseconds(2));
    } else if (!one.stack_asked) {
        one.stack_asked = true;
        one.process.forget_stack();
        one.process.ask_for_stack();
        one.cpu_check = now + worker_process::time_for_stack;
    } else {
        stop_worker(one, error_of(one, worker_end::cpu), worker_end::cpu,
                    "reached its limit of processor time");
    }
}

}  // namespace holdfast::detail
