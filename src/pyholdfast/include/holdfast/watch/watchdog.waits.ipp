// holdfast/watch/watchdog.waits.ipp: attaches that take too long, and why the thread that has Python keeps it.
//
// A part of the bodies of watchdog.hpp.
#pragma once

#include <holdfast/watch/watchdog.hpp>

#include <chrono>
#include <cstdio>
#include <thread>

#include <holdfast/platform/joined.hpp>
#include <holdfast/platform/thread_activity.hpp>
#include <holdfast/platform/time_text.hpp>
#include <holdfast/watch/stacks.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY void watchdog::look_for_waiting(const std::vector<seen_thread> &threads) {
    std::vector<remembered> still;
    bool late = false;
    for (const seen_thread &one : threads) {
        if (one.state != track_state::waiting)
            continue;
        const std::size_t before = still.size();
        for (std::size_t at = 0; at < waiting_.size(); at += waiting_[at].rows)
            if (waiting_[at].waiter == one.page && waiting_[at].turn == one.turns)
                for (std::size_t row = 0; row < waiting_[at].rows; ++row)
                    still.push_back(waiting_[at + row]);
        const bool has_just_begun = still.size() == before;
        for (const seen_thread &other : threads) {
            const remembered fresh{one.page, one.turns, threads.size(), other.page, other.attaches};
            if (has_just_begun)
                still.push_back(fresh);
        }
        late = late || one.for_ms >= limit_ms_;
    }
    waiting_ = std::move(still);
    if (late && !wait_reported_)
        report_waiting(threads);
    wait_reported_ = late;
}

HOLDFAST_DETAIL_COLD_BODY void watchdog::report_waiting(const std::vector<seen_thread> &threads) {
    const seen_thread *longest = nullptr;
    for (const seen_thread &one : threads)
        if (one.state == track_state::waiting &&
            (longest == nullptr || one.for_ms > longest->for_ms))
            longest = &one;
    // The thread that attached last holds it, unless it detached inside Python
    const seen_thread *holder = nullptr;
    for (const seen_thread &one : threads)
        if (uses_gil_of(one, *longest) && one.state == track_state::attached && one.holds &&
            (holder == nullptr || one.for_ms < holder->for_ms))
            holder = &one;
    const std::string stacks = stacks_without_locks();
    std::string lines;  // before diagnosis(), which takes a while: threads may go on meanwhile
    for (const seen_thread &one : threads) {
        const bool waits = one.state == track_state::waiting;
        if (!waits && one.state != track_state::attached)
            continue;
        const bool rests = !waits && !one.holds;
        append(lines, {waits   ? "  waits    "
                       : rests ? "  attached "
                               : "  holds    ",
                       name_of(one), " for ", time_text(one.for_ms), place(one),
                       rests ? ", but " : "", rests ? why_it_rests(one) : "", "\n"});
        add_stack(lines, stacks, one.thread_id, "         ");
    }
    const finding found = diagnosis(threads, *longest, holder);
    say(joined({"HF810 an attach has waited ", time_text(longest->for_ms), "\n  ", found.what, "\n",
                lines, can_have_stacks() ? "" : stacks_missing(), "  do: ", found.remedy, "\n"}));
}

HOLDFAST_DETAIL_COLD_BODY watchdog::finding watchdog::diagnosis(
    const std::vector<seen_thread> &threads, const seen_thread &waiter,
    const seen_thread *holder) const {
    const seen_thread *greedy = nullptr;
    std::uint64_t most = 0;
    for (const remembered &known : waiting_) {
        if (known.waiter != waiter.page)
            continue;
        for (const seen_thread &one : threads)
            if (known.other == one.page && one.attaches - known.attaches > most &&
                uses_gil_of(one, waiter)) {
                most = one.attaches - known.attaches;
                greedy = &one;
            }
    }
    if (greedy != nullptr && most >= 3)
        return {joined({"starved: meanwhile ", name_of(*greedy), " attached ", number_text(most),
                        " times", place(*greedy), ", and took its turn again before ",
                        name_of(waiter), " woke up"}),
                joined({"let ", name_of(*greedy),
                        " do several things in one attach, and pause before it attaches again"})};
    if (holder == nullptr)
        return {
            "no thread that holdfast knows holds it; look for a Python thread, or one that "
            "used PyGILState_Ensure",
            "see the stacks; look for code that attaches without holdfast"};
    std::size_t waiters = 0;
    for (const seen_thread &one : threads)
        waiters += one.state == track_state::waiting ? 1U : 0U;
    const std::string who =
        joined({name_of(*holder), " has held it ", time_text(holder->for_ms), place(*holder), "; ",
                number_text(waiters), waiters == 1 ? " thread waits; " : " threads wait; "});
    finding found = why_it_holds(threads, *holder);
    found.what.insert(0, who);
    return found;
}

HOLDFAST_DETAIL_COLD_BODY watchdog::finding watchdog::why_it_holds(
    const std::vector<seen_thread> &threads, const seen_thread &holder) const {
    // A loop that tries for a lock looks like any other code at one moment, so we look twice
    const std::uint64_t tries = holder.page->failed_tries.load(std::memory_order_relaxed);
    const std::uint64_t slept = times_asleep(holder.native_id);
    std::this_thread::sleep_for(look_again);
    const std::uint64_t slept_now = times_asleep(holder.native_id);  // 0: it has ended
    const std::uint64_t times = slept_now > slept ? slept_now - slept : 0;
    const thread_activity now = activity_of(holder.native_id);
    if (const seen_thread *const owner = owner_of_tried_mutex(threads, holder, tries))
        return {
            joined({"lock inversion: it calls try_lock() again and again for the holdfast::mutex "
                    "that ",
                    name_of(*owner), " has, which waits to attach", place(*owner)}),
            "call lock() instead, which detaches while it waits, or lock it before attaching"};
    if (now.state == 'S' && now.call.number == lock_call) {
        const std::uint64_t owner = owner_of_awaited_mutex(now);
        for (const seen_thread &one : threads)
            if (one.native_id == owner && one.state == track_state::waiting)
                return {joined({"lock inversion: it waits for a mutex that ", name_of(one),
                                " has, which waits to attach", place(one)}),
                        "make that mutex a holdfast::mutex, or lock it before attaching"};
        return {
            "it sleeps in native code until another thread wakes it, without detaching; which one "
            "is not known: a waiting thread may have the lock (lock inversion)",
            "make that lock a holdfast::mutex, or put a holdfast::detach_guard around the wait"};
    }
    if (times > 2)
        return {
            joined({"it sleeps in native code again and again without detaching, ",
                    number_text(times), " times in ",
                    time_text(static_cast<double>(look_again.count())),
                    "; for what is not known: it may poll, with try_lock() for example, for a "
                    "lock that a waiting thread has (lock inversion)"}),
            "put a holdfast::detach_guard around the loop that waits there, or let it wait for a "
            "holdfast::mutex by lock()"};
    if (now.state == 'S' || now.state == 'D') {
        char call[24];
        std::snprintf(call, sizeof call, "%ld", now.call.number);
        return {joined({"it sleeps in native code (system call ", call, ") without detaching"}),
                "put a holdfast::detach_guard around the call that blocks there"};
    }
    const double interval_ms =
        file_.header().switch_interval_us.load(std::memory_order_relaxed) / 1e3;
    if (interval_ms < limit_ms_)
        return {
            joined({"Python asks for it every ", time_text(interval_ms < 1 ? 1 : interval_ms),
                    ", so it runs C code that does not detach; whether that computes, or tries for "
                    "a lock without sleeping, is not known"}),
            "put a holdfast::detach_guard around the native code that computes there; for an "
            "extension module, call it with smaller pieces of work"};
    return {
        joined({"Python asks for it only every ", time_text(interval_ms), " (switch_interval)"}),
        "lower interpreter_config::switch_interval, do the work in smaller pieces, or run it "
        "in another interpreter or process"};
}

HOLDFAST_DETAIL_COLD_BODY const seen_thread *watchdog::owner_of_tried_mutex(
    const std::vector<seen_thread> &threads, const seen_thread &holder, std::uint64_t tries) {
    const std::uint64_t tried = holder.page->tried_lock.load(std::memory_order_relaxed);
    if (holder.page->failed_tries.load(std::memory_order_relaxed) == tries)
        return nullptr;
    for (const seen_thread &one : threads)
        if (one.state == track_state::waiting && has_lock(one, tried))
            return &one;
    return nullptr;
}

}  // namespace holdfast::detail
