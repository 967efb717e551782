// holdfast/watch/watchdog.ipp: the bodies of watchdog.hpp.
#pragma once

#include <holdfast/watch/watchdog.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>
#include <thread>

#include <holdfast/gate/site_text.hpp>
#include <holdfast/platform/helper_thread.hpp>
#include <holdfast/platform/library.hpp>
#include <holdfast/platform/memory.hpp>
#include <holdfast/platform/process.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/platform/thread_activity.hpp>
#include <holdfast/platform/thread_name.hpp>
#include <holdfast/platform/time_text.hpp>
#include <holdfast/platform/visible_text.hpp>
#include <holdfast/process/trace_hooks.hpp>
#include <holdfast/watch/attached_sleep.hpp>
#include <holdfast/watch/stacks.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY void watchdog::start(process_record &shared, recorder &file,
                                               std::chrono::milliseconds limit) {
    pin_library(reinterpret_cast<const void *>(&stacks_without_locks));
    // Never deleted: its thread never ends
    auto *const made = new (std::nothrow) watchdog(shared, file, limit);
    if (made == nullptr)
        return say_no_thread(purpose, "no memory");
    if (start_helper(purpose, [made] { made->run(); }))  // without a watchdog the host goes on
        on().store(limit.count() > 0, std::memory_order_release);
    else
        delete made;
}

HOLDFAST_DETAIL_COLD_BODY void watchdog::run() noexcept {
    set_thread_name("hf-watchdog");
    const std::int64_t home = process_number();
    const double pause_ms = limit_ms_ == 0 || limit_ms_ > 800 ? 100
                            : limit_ms_ < 40                  ? 5
                                                              : limit_ms_ / 8;
    while (process_number() == home) {
        std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(pause_ms));
        try {
            file_.read_clocks();  // a trace that breaks off ends at this time
            note_who_runs();
            file_.write_out();
            if (limit_ms_ > 0)
                look();
        } catch (const std::exception &) {
            // no memory for a report; the next look may have it
        }
    }
}

HOLDFAST_DETAIL_COLD_BODY void watchdog::note_who_runs() const noexcept {
#if !HOLDFAST_HAS_FREE_THREADING
    file_.for_each_track([](track_page &page) {
        if (page.state.load(std::memory_order_acquire) != track_state::attached)
            return;
        const std::uint64_t since = page.since.load(std::memory_order_relaxed);
        const bool runs = holds_now(page.thread_state.load(std::memory_order_relaxed));
        page.sleep.store(sleep_of(page.native_id.load(std::memory_order_relaxed),
                                  page.thread_state.load(std::memory_order_relaxed)),
                         std::memory_order_relaxed);
        page.sleep_since.store(since, std::memory_order_relaxed);
        page.let_go.store(runs ? 0 : since, std::memory_order_relaxed);
    });
#endif
}

HOLDFAST_DETAIL_COLD_BODY void watchdog::look() {
    const std::vector<seen_thread> threads = see_all();
    look_for_locks(threads);
    look_for_waiting(threads);
    look_for_drain(threads);
    look_for_workers();
}

HOLDFAST_DETAIL_COLD_BODY std::vector<seen_thread> watchdog::see_all() {
    std::vector<seen_thread> threads;
    const std::uint64_t now = file_.now();
    file_.for_each_track([&](track_page &page) {
        seen_thread one;
        one.page = &page;
        one.state = page.state.load(std::memory_order_acquire);
        if (one.state == track_state::ended || page.is_worker.load(std::memory_order_relaxed) != 0)
            return;
        const std::uint64_t since = page.since.load(std::memory_order_relaxed);
        one.for_ms = since < now ? file_.to_ns(now - since) / 1e6 : 0;
        one.native_id = page.native_id.load(std::memory_order_relaxed);
        one.thread_id = page.thread_id.load(std::memory_order_relaxed);
        one.turns = page.turns.load(std::memory_order_relaxed);
        one.attaches = page.attaches.load(std::memory_order_relaxed);
        one.interpreter = page.interpreter.load(std::memory_order_relaxed);
        one.wanted_lock = page.wanted_lock.load(std::memory_order_acquire);
        const std::uint64_t wanted = page.wanted_lock_since.load(std::memory_order_relaxed);
        one.lock_ms = one.wanted_lock != 0 && wanted < now ? file_.to_ns(now - wanted) / 1e6 : 0;
        one.holds = one.state == track_state::attached &&
                    holds_now(page.thread_state.load(std::memory_order_relaxed));
        threads.push_back(std::move(one));
    });
    return threads;
}

HOLDFAST_DETAIL_COLD_BODY void watchdog::name_all(std::vector<seen_thread> &threads) const {
    for (seen_thread &one : threads) {
        one.name = "'" + std::string(thread_name(one.native_id).text) + "' (" +
                   std::to_string(one.native_id) + ")";
        one.where = file_.text_of(one.page->site.load(std::memory_order_relaxed));
        one.function = file_.text_of(one.page->function.load(std::memory_order_relaxed));
        if (one.state == track_state::attached)
            one.sleep =
                sleep_of(one.native_id, one.page->thread_state.load(std::memory_order_relaxed));
    }
}

HOLDFAST_DETAIL_COLD_BODY std::string watchdog::place(const seen_thread &one) {
    std::string text = one.function.empty() ? "" : " in " + one.function;
    return one.where.empty() ? text : text + " at " + one.where;
}

HOLDFAST_DETAIL_COLD_BODY std::string watchdog::why_it_rests(const seen_thread &one) {
    return one.sleep == attached_sleep::for_its_turn ? "waits for its turn"
           : one.sleep == attached_sleep::in_call    ? "has released the GIL and sleeps"
                                                     : "does not run now";
}

HOLDFAST_DETAIL_COLD_BODY void watchdog::look_for_waiting(const std::vector<seen_thread> &threads) {
    std::vector<remembered> still;
    bool late = false;
    for (const seen_thread &one : threads) {
        if (one.state != track_state::waiting)
            continue;
        const remembered *known = nullptr;
        for (const remembered &old : waiting_)
            if (old.page == one.page && old.turn == one.turns)
                known = &old;
        if (known != nullptr) {
            still.push_back(*known);
        } else {
            remembered fresh{one.page, one.turns, {}};
            for (const seen_thread &other : threads)
                fresh.attaches.emplace_back(other.page, other.attaches);
            still.push_back(std::move(fresh));
        }
        late = late || one.for_ms >= limit_ms_;
    }
    waiting_ = std::move(still);
    if (late && !wait_reported_)
        report_waiting(threads);
    wait_reported_ = late;
}

HOLDFAST_DETAIL_COLD_BODY void watchdog::report_waiting(std::vector<seen_thread> threads) {
    name_all(threads);
    const seen_thread *longest = nullptr;
    for (const seen_thread &one : threads)
        if (one.state == track_state::waiting &&
            (longest == nullptr || one.for_ms > longest->for_ms))
            longest = &one;
    // The thread that attached last holds it, unless it detached inside Python
    const seen_thread *holder = nullptr;
    for (const seen_thread &one : threads)
        if (one.interpreter == longest->interpreter && one.state == track_state::attached &&
            one.holds && (holder == nullptr || one.for_ms < holder->for_ms))
            holder = &one;
    std::string text = "HF810 an attach has waited " + time_text(longest->for_ms) + '\n';
    const auto stacks = stacks_without_locks();  // before diagnosis(), which takes a while
    const finding found = diagnosis(threads, *longest, holder);
    text += "  " + found.what + '\n';
    for (const seen_thread &one : threads) {
        if (one.state == track_state::waiting)
            text += "  waits    " + one.name + " for " + time_text(one.for_ms) + place(one) + '\n';
        else if (one.state == track_state::attached)
            text += (one.holds ? "  holds    " : "  attached ") + one.name + " for " +
                    time_text(one.for_ms) + place(one) +
                    (one.holds ? "" : ", but " + why_it_rests(one)) + '\n';
        else
            continue;
        add_stack(text, stacks, one);
    }
    if (!can_have_stacks())
        text += stacks_missing();
    text += "  do: " + found.remedy + '\n';
    say(text);
}

HOLDFAST_DETAIL_COLD_BODY watchdog::finding watchdog::diagnosis(
    const std::vector<seen_thread> &threads, const seen_thread &waiter,
    const seen_thread *holder) const {
    const seen_thread *greedy = nullptr;
    std::uint64_t most = 0;
    for (const remembered &known : waiting_) {
        if (known.page != waiter.page)
            continue;
        for (const seen_thread &one : threads)
            for (const auto &[page, before] : known.attaches)
                if (page == one.page && one.attaches - before > most) {
                    most = one.attaches - before;
                    greedy = &one;
                }
    }
    if (greedy != nullptr && most >= 3)
        return {"starved: meanwhile " + greedy->name + " attached " + std::to_string(most) +
                    " times" + place(*greedy) + ", and took its turn again before " + waiter.name +
                    " woke up",
                "let " + greedy->name +
                    " do several things in one attach, and pause before it attaches again"};
    if (holder == nullptr)
        return {
            "no thread that holdfast knows holds it; look for a Python thread, or one that "
            "used PyGILState_Ensure",
            "see the stacks; look for code that attaches without holdfast"};
    std::size_t waiters = 0;
    for (const seen_thread &one : threads)
        waiters += one.state == track_state::waiting ? 1U : 0U;
    finding found = why_it_holds(threads, *holder);
    found.what = holder->name + " has held it " + time_text(holder->for_ms) + place(*holder) +
                 "; " + std::to_string(waiters) +
                 (waiters == 1 ? " thread waits; " : " threads wait; ") + found.what;
    return found;
}

HOLDFAST_DETAIL_COLD_BODY watchdog::finding watchdog::why_it_holds(
    const std::vector<seen_thread> &threads, const seen_thread &holder) const {
    const std::string in_c = "put a holdfast::detach_guard around ";
    // A loop that tries for a lock looks like any other code at one moment, so we look twice
    const std::uint64_t tries = holder.page->failed_tries.load(std::memory_order_relaxed);
    const std::uint64_t slept = times_asleep(holder.native_id);
    std::this_thread::sleep_for(look_again);
    const std::uint64_t times = times_asleep(holder.native_id) - slept;
    const thread_activity now = activity_of(holder.native_id);
    if (const seen_thread *const owner = owner_of_tried_mutex(threads, holder, tries))
        return {
            "lock inversion: it calls try_lock() again and again for the holdfast::mutex that " +
                owner->name + " has, which waits to attach" + place(*owner),
            "call lock() instead, which detaches while it waits, or lock it before attaching"};
    if (now.state == 'S' && now.call.number == lock_call) {
        const std::uint64_t owner = owner_of_awaited_mutex(now);
        for (const seen_thread &one : threads)
            if (one.native_id == owner && one.state == track_state::waiting)
                return {"lock inversion: it waits for a mutex that " + one.name +
                            " has, which waits to attach" + place(one),
                        "make that mutex a holdfast::mutex, or lock it before attaching"};
        return {
            "it sleeps in native code until another thread wakes it, without detaching; which one "
            "is not known: a waiting thread may have the lock (lock inversion)",
            "make that lock a holdfast::mutex, or " + in_c + "the wait"};
    }
    if (times > 2)
        return {"it sleeps in native code again and again without detaching, " +
                    std::to_string(times) + " times in " +
                    time_text(static_cast<double>(look_again.count())) +
                    "; for what is not known: it may poll, with try_lock() for example, for a " +
                    "lock that a waiting thread has (lock inversion)",
                in_c + "the loop that waits there, or let it wait for a holdfast::mutex by lock()"};
    if (now.state == 'S' || now.state == 'D')
        return {"it sleeps in native code (system call " + std::to_string(now.call.number) +
                    ") without detaching",
                in_c + "the call that blocks there"};
    const double interval_ms =
        file_.header().switch_interval_us.load(std::memory_order_relaxed) / 1e3;
    if (interval_ms < limit_ms_)
        return {
            "Python asks for it every " + time_text(interval_ms < 1 ? 1 : interval_ms) +
                ", so it runs C code that does not detach; whether that computes, or tries for a "
                "lock without sleeping, is not known",
            in_c +
                "the native code that computes there; for an extension module, call it "
                "with smaller pieces of work"};
    return {"Python asks for it only every " + time_text(interval_ms) + " (switch_interval)",
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

HOLDFAST_DETAIL_COLD_BODY void watchdog::look_for_locks(const std::vector<seen_thread> &threads) {
    bool late = false;
    for (const seen_thread &one : threads)
        late = late || one.lock_ms >= limit_ms_;
    if (late && !lock_reported_)
        report_locks(threads);
    lock_reported_ = late;
}

/// A worker process that runs one task for longer than the limit. Each task is reported once.
HOLDFAST_DETAIL_COLD_BODY void watchdog::look_for_workers() {
    std::vector<std::pair<track_page *, std::uint64_t>> late;
    std::string text;
    const std::uint64_t now = file_.now();
    file_.for_each_track([&](track_page &page) {
        const std::uint64_t since = page.since.load(std::memory_order_relaxed);
        const std::uint32_t function = page.function.load(std::memory_order_relaxed);
        const double ms = since < now ? file_.to_ns(now - since) / 1e6 : 0;
        if (page.is_worker.load(std::memory_order_relaxed) == 0 || function == 0 ||
            ms < limit_ms_ || page.state.load(std::memory_order_acquire) == track_state::ended)
            return;
        late.emplace_back(&page, since);
        if (std::find(workers_reported_.begin(), workers_reported_.end(), late.back()) !=
            workers_reported_.end())
            return;
        const std::uint64_t process = page.native_id.load(std::memory_order_relaxed);
        std::uint64_t words[sizeof page.name / sizeof(std::uint64_t)];
        load_words(words, page.name, sizeof page.name);
        const auto *const name = reinterpret_cast<const char *>(words);
        text += "  worker '" + visible_text({name, strnlen(name, sizeof words)}) + "' (pid " +
                std::to_string(process) + ") has run " + file_.text_of(function) + "() for " +
                time_text(ms) + ", and has " +
                std::to_string(resident_bytes(static_cast<int>(process)) >> 20U) + " MB\n";
    });
    workers_reported_ = std::move(late);
    if (!text.empty())
        say("HF813 worker processes run tasks for long\n" + text +
            "  do: set isolated_config::limit, or look at their stacks with py-spy\n");
}

HOLDFAST_DETAIL_COLD_BODY std::string watchdog::lock_text(const call_site *made,
                                                          std::uint64_t address) {
    // The mutex may be gone by now
    alignas(call_site) unsigned char copy[sizeof(call_site)];
    if (made != nullptr && read_memory_safely(copy, made, sizeof copy)) {
        const auto &site = *reinterpret_cast<const call_site *>(copy);
        if (site.file() != nullptr)
            return "the mutex made at " + site_text(site);
    }
    char text[40];
    std::snprintf(text, sizeof text, "mutex %#llx", static_cast<unsigned long long>(address));
    return text;
}

HOLDFAST_DETAIL_COLD_BODY bool watchdog::has_lock(const seen_thread &one, std::uint64_t address) {
    for (const held_lock &held : one.page->held)
        if (held.address.load(std::memory_order_acquire) == address)
            return true;
    return false;
}

HOLDFAST_DETAIL_COLD_BODY bool watchdog::waits_in_a_circle(const std::vector<seen_thread> &threads,
                                                           const seen_thread &first) {
    std::vector<const seen_thread *> reached{&first};
    for (std::size_t i = 0; i < reached.size(); ++i)
        for (const seen_thread &other : threads) {
            if (reached[i]->wanted_lock == 0 || !has_lock(other, reached[i]->wanted_lock))
                continue;
            if (&other == &first)
                return true;
            if (std::find(reached.begin(), reached.end(), &other) == reached.end())
                reached.push_back(&other);
        }
    return false;
}

HOLDFAST_DETAIL_COLD_BODY void watchdog::report_locks(std::vector<seen_thread> threads) {
    name_all(threads);
    std::string lines;
    std::string ownerless;
    bool is_circle = false;
    for (const seen_thread &one : threads) {
        std::string holds;
        for (const held_lock &held : one.page->held)
            if (const std::uint64_t address = held.address.load(std::memory_order_acquire))
                holds += (holds.empty() ? " holds " : ", ") +
                         lock_text(held.made.load(std::memory_order_relaxed), address);
        const std::string wanted =
            one.wanted_lock != 0
                ? lock_text(one.page->wanted_lock_made.load(std::memory_order_relaxed),
                            one.wanted_lock)
                : "";
        const std::string wants =
            wanted.empty() ? "" : " waits " + time_text(one.lock_ms) + " for " + wanted;
        const auto has_it = [&one](const seen_thread &other) {
            return has_lock(other, one.wanted_lock);
        };
        if (!wanted.empty() && ownerless.find(wanted) == std::string::npos &&
            std::none_of(threads.begin(), threads.end(), has_it))
            ownerless += "  who holds " + wanted +
                         " is not known: it was locked before the watchdog began, or by a " +
                         "thread that had " + std::to_string(held_locks) + " others\n";
        is_circle = is_circle || waits_in_a_circle(threads, one);
        if (!holds.empty() || !wants.empty())
            lines += "  " + one.name + place(one) + holds +
                     (holds.empty() || wants.empty() ? "" : " and") + wants + '\n';
    }
    const char *const remedy =
        is_circle ? "let every thread take these mutexes in one order, or "
                    "take them at once by std::scoped_lock"
        : ownerless.empty()
            ? "unlock it sooner: move work that takes long, or waits, out of the lock"
            : "look for the code that locks it and does not unlock it";
    say("HF812 a thread waits for a holdfast::mutex for more than " + time_text(limit_ms_) + '\n' +
        lines + ownerless + "  do: " + remedy + '\n');
}

HOLDFAST_DETAIL_COLD_BODY void watchdog::look_for_drain(const std::vector<seen_thread> &threads) {
    const bool draining = shared_.main.door.reason() == closed_reason::finalizing &&
                          shared_.main.interpreter.load(std::memory_order_acquire) != nullptr;
    if (!draining) {
        drain_since_ = 0;
        drain_reported_ = false;
        return;
    }
    if (drain_since_ == 0)
        drain_since_ = file_.now();
    const double ms = file_.to_ns(file_.now() - drain_since_) / 1e6;
    if (ms < limit_ms_ || drain_reported_ || shared_.main.door.count() == 0)
        return;
    drain_reported_ = true;
    report_drain(threads, ms);
}

HOLDFAST_DETAIL_COLD_BODY void watchdog::report_drain(std::vector<seen_thread> threads, double ms) {
    name_all(threads);
    std::string text =
        "HF811 finalize() has waited " + time_text(ms) + " for threads that are inside\n";
    const auto stacks = stacks_without_locks();
    shared_.main.door.for_each_inside([&](const gate_entry &entry) {
        if (entry.is_attach_helper)
            return;
        const char *const file = entry.file_.load(std::memory_order_relaxed);
        const bool is_handed_over = entry.is_handed_over();
        text += is_handed_over
                    ? std::string("  inside   an interpreter_guard that was handed over, for ")
                    : "  inside   '" + std::string(thread_name(entry.native_id).text) + "' (" +
                          std::to_string(entry.native_id) + ") for ";
        text += time_text(static_cast<double>(coarse_now() - entry.since_.load()) / 1e6) + " at " +
                site_text(call_site::at(file, entry.line_.load()));
        if (!is_handed_over)
            text +=
                entry.is_guard ? " (interpreter_guard)" : activity_text(threads, entry.native_id);
        text += '\n';
        const auto stack = stacks.find(entry.thread_id);
        if (stack != stacks.end())
            text += stack->second;
    });
    if (!can_have_stacks())
        text += stacks_missing();
    say(text +
        "  do: tell these threads to end before finalize(), or let finalize() interrupt them\n");
}

HOLDFAST_DETAIL_COLD_BODY std::string watchdog::activity_text(
    const std::vector<seen_thread> &threads, std::uint64_t native_id) {
    for (const seen_thread &one : threads)
        if (one.native_id == native_id)
            return one.state == track_state::attached
                       ? (one.holds ? ", attached" : ", attached, but " + why_it_rests(one))
                   : one.state == track_state::waiting ? ", waits to attach"
                                                       : ", detached within its guard";
    return "";
}

HOLDFAST_DETAIL_COLD_BODY std::string watchdog::stacks_missing() {
    return HOLDFAST_HAS_FREE_THREADING
               ? "  (no Python stacks: on a free-threaded build they cannot be read "
                 "while threads run)\n"
           : HOLDFAST_DETAIL_HAS_SIGNAL_HANDLERS
               ? "  (no Python stacks: faulthandler could not be used)\n"
               : "  (no Python stacks: Windows gives no way to read them)\n";
}

HOLDFAST_DETAIL_COLD_BODY void watchdog::add_stack(
    std::string &text, const std::map<std::uint64_t, std::string> &stacks, const seen_thread &one) {
    const auto stack = stacks.find(one.thread_id);
    if (stack == stacks.end())
        return;
    for (std::size_t at = 0; at < stack->second.size();) {
        const std::size_t end = stack->second.find('\n', at);
        text += "           " + stack->second.substr(at + 2, end - at - 1);
        at = end + 1;
    }
}

HOLDFAST_DETAIL_COLD_BODY void watchdog::say(const std::string &text) {
    file_.add_note(text);
    const std::string whole = "holdfast: " + visible_lines(text);
    write_stderr(whole.data(), whole.size());
}

}  // namespace holdfast::detail
