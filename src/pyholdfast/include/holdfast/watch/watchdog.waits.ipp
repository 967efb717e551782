// holdfast/watch/watchdog.waits.ipp: attaches that take too long, and why the thread that has Python keeps it.
//
// A part of the bodies of watchdog.hpp.
#pragma once

#include <holdfast/watch/watchdog.hpp>

#include <chrono>
#include <cstdio>
#include <thread>

#include <holdfast/platform/formatted.hpp>
#include <holdfast/platform/thread_activity.hpp>
#include <holdfast/platform/time_text.hpp>
#include <holdfast/watch/stacks.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_RARE_BODY void watchdog::look_for_waiting(const std::vector<seen_thread> &threads) {
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

HOLDFAST_DETAIL_RARE_BODY void watchdog::report_waiting(const std::vector<seen_thread> &threads) {
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
        append(lines, "  %s%s for %s%s%s%s\n",
               waits   ? "waits    "
               : rests ? "attached "
                       : "holds    ",
               name_of(one).c_str(), time_text(one.for_ms).c_str(), place(one).c_str(),
               rests ? ", but " : "", rests ? why_it_rests(one) : "");
        add_stack(lines, stacks, one.thread_id, "         ");
    }
    const finding found = diagnosis(threads, *longest, holder);
    say(formatted("HF810 an attach has waited %s\n  %s\n%s%s  do: %s\n",
                  time_text(longest->for_ms).c_str(), found.what.c_str(), lines.c_str(),
                  can_have_stacks() ? "" : stacks_missing(), found.remedy.c_str()));
}

HOLDFAST_DETAIL_RARE_BODY watchdog::finding watchdog::diagnosis(
    const std::vector<seen_thread> &threads, const seen_thread &waiter,
    const seen_thread *holder) const {
    const seen_thread *greedy = nullptr;
    std::uint64_t most = 0;
    for (const remembered &known : waiting_) {
        if (known.waiter != waiter.page)
            continue;
        for (const seen_thread &one : threads)
            // Fewer than before: another thread has this track now.
            if (known.other == one.page && one.attaches > known.attaches + most &&
                uses_gil_of(one, waiter)) {
                most = one.attaches - known.attaches;
                greedy = &one;
            }
    }
    if (greedy != nullptr && most >= 3)
        return {formatted("starved: meanwhile %s attached %llu times%s, and took its turn again "
                          "before %s woke up",
                          name_of(*greedy).c_str(), static_cast<unsigned long long>(most),
                          place(*greedy).c_str(), name_of(waiter).c_str()),
                formatted("let %s do several things in one attach, and pause before it attaches "
                          "again",
                          name_of(*greedy).c_str())};
    if (holder == nullptr)
        return {
            "no thread that holdfast knows holds it; look for a Python thread, or one that "
            "used PyGILState_Ensure",
            "see the stacks; look for code that attaches without holdfast"};
    unsigned waiters = 0;
    for (const seen_thread &one : threads)
        waiters += one.state == track_state::waiting ? 1U : 0U;
    const std::string who = formatted("%s has held it %s%s; %u %s; ", name_of(*holder).c_str(),
                                      time_text(holder->for_ms).c_str(), place(*holder).c_str(),
                                      waiters, waiters == 1 ? "thread waits" : "threads wait");
    finding found = why_it_holds(threads, *holder);
    found.what.insert(0, who);
    return found;
}

HOLDFAST_DETAIL_RARE_BODY watchdog::finding watchdog::why_it_holds(
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
            formatted("lock inversion: it calls try_lock() again and again for the holdfast::mutex "
                      "that %s has, which waits to attach%s",
                      name_of(*owner).c_str(), place(*owner).c_str()),
            "call lock() instead, which detaches while it waits, or lock it before attaching"};
    if (now.state == 'S' && now.call.number == lock_call) {
        const std::uint64_t owner = owner_of_awaited_mutex(now);
        for (const seen_thread &one : threads)
            if (one.native_id == owner && one.state == track_state::waiting)
                return {formatted("lock inversion: it waits for a mutex that %s has, which waits "
                                  "to attach%s",
                                  name_of(one).c_str(), place(one).c_str()),
                        "make that mutex a holdfast::mutex, or lock it before attaching"};
        return {
            "it sleeps in native code until another thread wakes it, without detaching; which one "
            "is not known: a waiting thread may have the lock (lock inversion)",
            "make that lock a holdfast::mutex, or put a holdfast::detach_guard around the wait"};
    }
    if (times > 2)
        return {
            formatted("it sleeps in native code again and again without detaching, %llu times in "
                      "%s; for what is not known: it may poll, with try_lock() for example, for a "
                      "lock that a waiting thread has (lock inversion)",
                      static_cast<unsigned long long>(times),
                      time_text(static_cast<double>(look_again.count())).c_str()),
            "put a holdfast::detach_guard around the loop that waits there, or let it wait for a "
            "holdfast::mutex by lock()"};
    if (now.state == 'S' || now.state == 'D')
        return {formatted("it sleeps in native code (system call %ld) without detaching",
                          now.call.number),
                "put a holdfast::detach_guard around the call that blocks there"};
    const double interval_ms =
        file_.header().switch_interval_us.load(std::memory_order_relaxed) / 1e3;
    if (interval_ms < limit_ms_)
        return {formatted(
                    "Python asks for it every %s, so it runs C code that does not detach; whether "
                    "that computes, or tries for a lock without sleeping, is not known",
                    time_text(interval_ms < 1 ? 1 : interval_ms).c_str()),
                "put a holdfast::detach_guard around the native code that computes there; for an "
                "extension module, call it with smaller pieces of work"};
    return {formatted("Python asks for it only every %s (switch_interval)",
                      time_text(interval_ms).c_str()),
            "lower interpreter_config::switch_interval, do the work in smaller pieces, or run it "
            "in another interpreter or process"};
}

HOLDFAST_DETAIL_RARE_BODY const seen_thread *watchdog::owner_of_tried_mutex(
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
