// holdfast/isolated/isolated_group.counts.ipp: counters, and the tracks of traces.
//
// A part of the bodies of isolated_group.hpp.
#pragma once

#include <holdfast/isolated/isolated_group.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include <holdfast/platform/process.hpp>
#include <holdfast/process/shared_records.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY isolated_counters isolated_group::counters() const {
    isolated_counters all;
    if (is_in_child())
        return all;
    {
        const std::lock_guard<std::mutex> hold(mutex_);
        all.tasks = accepted_ - outstanding_;
        all.waiting = queue_.size();
        all.deadlines = deadlines_;
        all.workers_ended = workers_ended_;
        for (const worker *const one : slots_) {
            if (one == nullptr)
                continue;
            isolated_worker_counters each;
            each.name = name_of(one->slot);
            each.pid = one->process.started_as();
            each.tasks = one->tasks;
            each.cpu_time = std::chrono::nanoseconds(one->process.cpu_ns());
            if (!one->in_flight.empty()) {
                each.task = one->in_flight.front().task->text();
                each.running = clock::now() - one->since;
            }
            all.workers.push_back(std::move(each));
        }
    }
    for (isolated_worker_counters &each : all.workers)
        each.memory = resident_bytes(each.pid);
    return all;
}

HOLDFAST_DETAIL_COLD_BODY std::exception_ptr isolated_group::error_of_limit(const worker &one,
                                                                            bool was_killed,
                                                                            std::string stack) {
    ++deadlines_;
    return limit_passed(limit_of(one), was_killed, std::move(stack));
}

/// With the mutex held: the worker has a slot. If a trace or counters were begun, it gets a track.
HOLDFAST_DETAIL_COLD_BODY void isolated_group::begin_track(worker &one) {
    recorder *const file = process().record_file.load(std::memory_order_acquire);
    if (file == nullptr || process().tracing.load(std::memory_order_relaxed) == 0)
        return;
    if (track_page *const page = file->take_track())
        one.track.emplace(*file, *page, static_cast<std::uint64_t>(one.process.started_as()),
                          name_of(one.slot));
}

/// With the mutex held: the task that ran is over, and the next one begins, if there is one.
HOLDFAST_DETAIL_BODY void isolated_group::record_task(worker &one) {
    if (!one.track)
        return;
    one.track->end_task();
    if (!one.in_flight.empty())
        one.track->begin_task(one.in_flight.front().task->module, one.in_flight.front().task->name);
}

}  // namespace holdfast::detail
