// holdfast/watch/watchdog.ipp: the bodies of watchdog.hpp.
#pragma once

#include <holdfast/watch/watchdog.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>

#include <holdfast/gate/site_text.hpp>
#include <holdfast/platform/formatted.hpp>
#include <holdfast/platform/helper_thread.hpp>
#include <holdfast/platform/library.hpp>
#include <holdfast/platform/process.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/platform/thread_name.hpp>
#include <holdfast/platform/time_text.hpp>
#include <holdfast/platform/visible_text.hpp>
#include <holdfast/process/trace_hooks.hpp>
#include <holdfast/watch/attached_sleep.hpp>
#include <holdfast/watch/own_gil.hpp>
#include <holdfast/watch/stacks.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_RARE_BODY void watchdog::start(process_record &shared, recorder &file,
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

HOLDFAST_DETAIL_RARE_BODY void watchdog::run() noexcept {
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

HOLDFAST_DETAIL_RARE_BODY void watchdog::note_who_runs() const noexcept {
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

HOLDFAST_DETAIL_RARE_BODY void watchdog::look() {
    const std::vector<seen_thread> threads = see_all();
    look_for_locks(threads);
    look_for_waiting(threads);
    look_for_drain(threads);
    look_for_workers();
}

HOLDFAST_DETAIL_RARE_BODY std::vector<seen_thread> watchdog::see_all() {
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
        threads.push_back(one);
    });
    return threads;
}

HOLDFAST_DETAIL_RARE_BODY std::string watchdog::name_of(const seen_thread &one) {
    return formatted("'%s' (%llu)", thread_name(one.native_id).text,
                     static_cast<unsigned long long>(one.native_id));
}

HOLDFAST_DETAIL_RARE_BODY std::string watchdog::place(const seen_thread &one) const {
    const std::string function = file_.text_of(one.page->function.load(std::memory_order_relaxed));
    const std::string where = file_.text_of(one.page->site.load(std::memory_order_relaxed));
    return formatted("%s%s%s%s", function.empty() ? "" : " in ", function.c_str(),
                     where.empty() ? "" : " at ", where.c_str());
}

HOLDFAST_DETAIL_RARE_BODY bool watchdog::uses_gil_of(const seen_thread &one,
                                                     const seen_thread &other) const noexcept {
    return gil_of(file_.header(), one.interpreter) == gil_of(file_.header(), other.interpreter);
}

HOLDFAST_DETAIL_RARE_BODY const char *watchdog::why_it_rests(const seen_thread &one) {
    switch (sleep_of(one.native_id, one.page->thread_state.load(std::memory_order_relaxed))) {
    case attached_sleep::for_its_turn:
        return "waits for its turn";
    case attached_sleep::in_call:
        return "has released the GIL and sleeps";
    default:
        return "does not run now";
    }
}

/// A worker process that runs one task for longer than the limit. Each task is reported once.
HOLDFAST_DETAIL_RARE_BODY void watchdog::look_for_workers() {
    std::vector<late_worker> late;
    std::string text;
    const std::uint64_t now = file_.now();
    file_.for_each_track([&](track_page &page) {
        const std::uint64_t since = page.since.load(std::memory_order_relaxed);
        const std::uint32_t function = page.function.load(std::memory_order_relaxed);
        const double ms = since < now ? file_.to_ns(now - since) / 1e6 : 0;
        if (page.is_worker.load(std::memory_order_relaxed) == 0 || function == 0 ||
            ms < limit_ms_ || page.state.load(std::memory_order_acquire) == track_state::ended)
            return;
        late.push_back({&page, since});
        for (const late_worker &known : workers_reported_)
            if (known.page == &page && known.since == since)
                return;
        const std::uint64_t process = page.native_id.load(std::memory_order_relaxed);
        std::uint64_t words[sizeof page.name / sizeof(std::uint64_t)];
        load_words(words, page.name, sizeof page.name);
        const auto *const name = reinterpret_cast<const char *>(words);
        append(text, "  worker '%s' (pid %llu) has run %s() for %s, and has %llu MB\n",
               visible_text({name, strnlen(name, sizeof words)}).c_str(),
               static_cast<unsigned long long>(process), file_.text_of(function).c_str(),
               time_text(ms).c_str(),
               static_cast<unsigned long long>(resident_bytes(static_cast<int>(process)) >> 20U));
    });
    workers_reported_ = std::move(late);
    if (!text.empty())
        say(
            formatted("HF813 worker processes run tasks for long\n%s"
                      "  do: set isolated_config::limit, or look at their stacks with py-spy\n",
                      text.c_str()));
}

HOLDFAST_DETAIL_RARE_BODY void watchdog::look_for_drain(const std::vector<seen_thread> &threads) {
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

HOLDFAST_DETAIL_RARE_BODY void watchdog::report_drain(const std::vector<seen_thread> &threads,
                                                      double ms) {
    std::string text = formatted("HF811 finalize() has waited %s for threads that are inside\n",
                                 time_text(ms).c_str());
    const std::string stacks = stacks_without_locks();
    shared_.main.door.for_each_inside([&](const gate_entry &entry) {
        if (entry.is_attach_helper)
            return;
        const bool is_handed_over = entry.is_handed_over();
        if (is_handed_over)
            text += "  inside   an interpreter_guard that was handed over";
        else
            append(text, "  inside   '%s' (%llu)", thread_name(entry.native_id).text,
                   static_cast<unsigned long long>(entry.native_id));
        const auto ms_inside = static_cast<double>(coarse_now() - entry.since_.load()) / 1e6;
        append(text, "%s for %s at %s", is_handed_over ? "," : "", time_text(ms_inside).c_str(),
               site_text(entry.site()).c_str());
        if (!is_handed_over)
            text +=
                entry.is_guard ? " (interpreter_guard)" : activity_text(threads, entry.native_id);
        text += '\n';
        add_stack(text, stacks, entry.thread_id, "");
    });
    if (!can_have_stacks())
        text += stacks_missing();
    text += "  do: tell these threads to end before finalize(), or let finalize() interrupt them\n";
    say(text);
}

HOLDFAST_DETAIL_RARE_BODY std::string watchdog::activity_text(
    const std::vector<seen_thread> &threads, std::uint64_t native_id) {
    for (const seen_thread &one : threads)
        if (one.native_id == native_id)
            return one.state == track_state::attached
                       ? formatted(", attached%s%s", one.holds ? "" : ", but ",
                                   one.holds ? "" : why_it_rests(one))
                   : one.state == track_state::waiting ? ", waits to attach"
                                                       : ", detached within its guard";
    return "";
}

HOLDFAST_DETAIL_RARE_BODY const char *watchdog::stacks_missing() noexcept {
    return HOLDFAST_HAS_FREE_THREADING
               ? "  (no Python stacks: on a free-threaded build they cannot be read "
                 "while threads run)\n"
           : HOLDFAST_DETAIL_HAS_SIGNAL_HANDLERS
               ? "  (no Python stacks: faulthandler could not be used)\n"
               : "  (no Python stacks: Windows gives no way to read them)\n";
}

/// Appends one thread's lines of `stacks`, which has those of all.
HOLDFAST_DETAIL_RARE_BODY void watchdog::add_stack(std::string &text, const std::string &stacks,
                                                   std::uint64_t thread_id, const char *indent) {
    bool is_its = false;
    for (std::size_t at = 0; at < stacks.size();) {
        const std::size_t found = stacks.find('\n', at);
        const std::size_t end = found == std::string::npos ? stacks.size() : found;
        const std::string_view line(&stacks[at], end - at);
        const std::size_t number = line.find("0x");
        if (line.substr(0, 7) == "Thread " || line.substr(0, 15) == "Current thread ")
            is_its = number != line.npos &&
                     std::strtoull(line.data() + number, nullptr, 16) == thread_id;
        else if (is_its && line.substr(0, 7) == "  File ")
            append(text, "%s%.*s\n", indent, static_cast<int>(line.size()), line.data());
        at = end + 1;
    }
}

HOLDFAST_DETAIL_RARE_BODY void watchdog::say(const std::string &text) {
    file_.add_note(text);
    const std::string whole = formatted("holdfast: %s", visible_lines(text).c_str());
    write_stderr(whole.data(), whole.size());
}

}  // namespace holdfast::detail
