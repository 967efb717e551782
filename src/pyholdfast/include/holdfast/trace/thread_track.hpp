// holdfast/trace/thread_track.hpp: records what a thread does.
//
// Must not include <Python.h>.
#pragma once

#include <atomic>
#include <cstdint>

#include <holdfast/gate/gate.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/thread_name.hpp>
#include <holdfast/trace/event.hpp>
#include <holdfast/trace/trace_memory.hpp>
#include <holdfast/trace/word_copy.hpp>

namespace holdfast::detail {

/// A thread's side of its track: its current state, and since when.
///
/// Owns:    its track in the recorder, until the thread ends.
/// Threads: made and used only by its thread. Words of the page that others read are atomic.
class thread_track {
public:
    HOLDFAST_DETAIL_COLD thread_track(recorder &file, track_page &page, std::uint64_t native_id,
                                      std::uint64_t thread_id) noexcept
        : file_(file),
          page_(page),
          ring_(reinterpret_cast<trace_event *>(&page + 1)),
          long_ring_(ring_ + file.size().ring),
          by_counter_(file.by_counter()),
          long_ticks_(file.long_ticks()),
          ring_size_(file.size().ring),
          long_ring_size_(file.size().long_ring) {
        const std::uint64_t now = file.now();
        put(page_.native_id, native_id);
        put(page_.thread_id, thread_id);
        // Release: comes after the end of the thread that had this page before
        page_.started.store(now, std::memory_order_release);
        put(page_.since, now);
        refresh();
        page_.state.store(track_state::native, std::memory_order_release);
    }
    thread_track(const thread_track &) = delete;
    thread_track &operator=(const thread_track &) = delete;

    /// The thread ends.
    HOLDFAST_DETAIL_COLD void end() noexcept {
        refresh();
        const std::uint64_t now = file_.now();
        put(page_.ended, now);
        put(page_.since, now);
        page_.state.store(track_state::ended, std::memory_order_release);
    }

    [[nodiscard]] std::uint64_t now() const noexcept { return ticks_now(by_counter_); }
    [[nodiscard]] recorder &file() noexcept { return file_; }

    // --- attach and detach --------------------------------------------------------------------

    /// The thread is about to attach.
    void begin_wait(std::uint16_t site, std::uint64_t interpreter) noexcept {
        track_page &page = page_;  // the compiler reads a member again after each atomic store
        const auto into = static_cast<std::uint16_t>(interpreter);
        const std::uint64_t wanted = now();
        site_ = site;
        function_ = 0;
        longest_call_ = 0;
        interpreter_ = into;
        wanted_ = wanted;
        page.site.store(site, std::memory_order_relaxed);
        page.interpreter.store(into, std::memory_order_relaxed);
        put(page.since, wanted);
        add(page.turns, 1);
        page.state.store(track_state::waiting, std::memory_order_release);
    }

    [[nodiscard]] hold_purpose what_for() const noexcept {
        return {site_, function_, interpreter_, holds_};
    }

    /// The thread is about to attach again, for the same purpose as before it detached.
    void begin_wait_again(hold_purpose earlier) noexcept {
        begin_wait(earlier.site, earlier.interpreter);
        function_ = earlier.function;
    }

    /// The thread has attached, with `state`.
    void begin_hold(const void *state) noexcept {
        track_page &page = page_;
        const std::uint16_t function = function_;
        const std::uint64_t attached = now();
        attached_ = attached;
        holds_ = true;
        put(page.since, attached);
        put(page.thread_state, reinterpret_cast<std::uintptr_t>(state));
        page.function.store(function, std::memory_order_relaxed);
        page.state.store(track_state::attached, std::memory_order_release);
    }

    /// The time just before the thread detaches; 0 if it is not known to be attached. It counts as
    /// detached from here on: once it has given up the GIL, the thread that gets it may be attached
    /// long before this one is scheduled again.
    [[nodiscard]] std::uint64_t end_hold() noexcept {
        if (!holds_)
            return 0;
        track_page &page = page_;
        const std::uint64_t end = now();
        put(page.since, end);
        page.state.store(track_state::native, std::memory_order_release);
        return end;
    }

    /// Just after it detached: writes the event.
    void record_hold(std::uint64_t end, std::uint8_t flags) noexcept {
        if (end == 0)
            return;
        const std::uint64_t wanted = wanted_;
        const std::uint64_t attached = attached_;
        const std::uint64_t label =
            event_label(site_, function_, event_kind::hold, flags, interpreter_);
        holds_ = false;
        const std::uint64_t wait = attached - wanted;
        const std::uint64_t hold = end - attached;
        write(wanted, attached, end, label, wait > hold ? wait : hold);
        count(wait, hold);
    }

    // --- within a hold ------------------------------------------------------------------------

    /// A typed call begins. \return the value to pass to end_call().
    [[nodiscard]] std::uint64_t begin_call(std::uint16_t function) noexcept {
        page_.function.store(function, std::memory_order_relaxed);
        return now();
    }

    void end_call(std::uint64_t begun, std::uint16_t function) noexcept {
        const std::uint64_t end = now();
        write(begun, begun, end, event_label(site_, function, event_kind::call, 0, interpreter_),
              end - begun);
        put(page_.calls, page_.calls.load(std::memory_order_relaxed) + 1);
        put(page_.call_total, page_.call_total.load(std::memory_order_relaxed) + (end - begun));
        note_function(function, end - begun);
    }

    /// The call attached by itself, so it names the hold and has no event of its own.
    void name_hold(std::uint16_t function) noexcept {
        page_.function.store(function, std::memory_order_relaxed);
        put(page_.calls, page_.calls.load(std::memory_order_relaxed) + 1);
        note_function(function, 0);
    }

    void record(event_kind kind, std::uint64_t begun, std::uint16_t name) noexcept {
        const std::uint64_t end = now();
        const std::uint16_t site = kind == event_kind::drain ? std::uint16_t{0} : site_;
        write(begun, begun, end, event_label(site, name, kind, 0, interpreter_), end - begun);
        if (kind == event_kind::collection) {
            put(page_.collections, page_.collections.load(std::memory_order_relaxed) + 1);
            put(page_.collection_total,
                page_.collection_total.load(std::memory_order_relaxed) + (end - begun));
        } else if (kind == event_kind::task) {
            put(page_.tasks, page_.tasks.load(std::memory_order_relaxed) + 1);
        }
    }

    std::uint64_t collection_begun = 0;  // ticks; 0: no collection is running

    // --- locks --------------------------------------------------------------------------------

    /// \param made  where the lock was made: within the lock; null: unknown.
    void begin_lock_wait(const void *lock, const call_site *made) noexcept {
        lock_wanted_ = now();
        page_.wanted_lock_made.store(made, std::memory_order_relaxed);
        put(page_.wanted_lock_since, lock_wanted_);
        page_.wanted_lock.store(reinterpret_cast<std::uintptr_t>(lock), std::memory_order_release);
        lock_owner_ = track_with(reinterpret_cast<std::uintptr_t>(lock));
    }

    void end_lock_wait(const call_site *made) noexcept {
        put(page_.wanted_lock, 0);
        const std::uint64_t end = now();
        const std::uint16_t site = made != nullptr && made->file() != nullptr
                                       ? site_number(*made)
                                       : file_.number_of(name_kind::site, "a mutex", nullptr, 0);
        write(lock_wanted_, end, end,
              event_label(site, lock_owner_, event_kind::lock, 0, interpreter_),
              end - lock_wanted_);
    }

    void note_failed_try(const void *lock) noexcept {
        put(page_.tried_lock, reinterpret_cast<std::uintptr_t>(lock));
        add(page_.failed_tries, 1);
    }

    void add_lock(const void *lock, const call_site *made) noexcept {
        for (held_lock &held : page_.held)
            if (held.address.load(std::memory_order_relaxed) == 0) {
                held.made.store(made, std::memory_order_relaxed);
                held.address.store(reinterpret_cast<std::uintptr_t>(lock),
                                   std::memory_order_release);
                return;
            }
    }

    void remove_lock(const void *lock) noexcept {
        for (held_lock &held : page_.held)
            if (held.address.load(std::memory_order_relaxed) ==
                reinterpret_cast<std::uintptr_t>(lock)) {
                put(held.address, 0);
                return;
            }
    }

    // --- finalize() ---------------------------------------------------------------------------

    void begin_drain(std::uint64_t begun) noexcept { put(page_.draining_since, begun); }

    void end_drain(std::uint64_t begun) noexcept {
        put(page_.draining_since, 0);
        record(event_kind::drain, begun, function_number("", "finalize()"));
    }

    // --- names --------------------------------------------------------------------------------

    [[nodiscard]] std::uint16_t site_number(call_site site) noexcept {
        return number(name_kind::site, site.file(), nullptr, site.line());
    }

    /// \param module, name  string literals, or strings that are never freed.
    [[nodiscard]] std::uint16_t function_number(const char *module, const char *name) noexcept {
        return number(name_kind::function, name, module, 0);
    }

private:
    // Only this thread writes these words, so a load and a store are enough to add.
    static void put(std::atomic<std::uint64_t> &word, std::uint64_t value) noexcept {
        word.store(value, std::memory_order_relaxed);
    }

    static void add(std::atomic<std::uint64_t> &word, std::uint64_t more) noexcept {
        word.store(word.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
    }

    /// One more than the number of the track whose thread has the lock; 0: none has.
    HOLDFAST_DETAIL_COLD std::uint16_t track_with(std::uint64_t lock) noexcept {
        std::uint16_t found = 0;
        file_.for_each_numbered_track([&](const track_page &page, std::uint32_t index) {
            for (const held_lock &held : page.held)
                if (held.address.load(std::memory_order_relaxed) == lock)
                    found = static_cast<std::uint16_t>(index + 1);
        });
        return found;
    }

    void write(std::uint64_t start, std::uint64_t middle, std::uint64_t end, std::uint64_t label,
               std::uint64_t longest) noexcept {
        track_page &page = page_;
        const std::uint32_t at = at_ring_;
        const std::uint64_t written = page.events.load(std::memory_order_relaxed);
        const std::uint64_t words[] = {start, middle, end, label};
        store_event(ring_ + at, words);
        at_ring_ = at + 1 == ring_size_ ? 0 : at + 1;
        page.events.store(written + 1, std::memory_order_release);
        if (longest >= long_ticks_)
            write_long(words);
        if ((written & (written + 1)) == 0 || (written & 4095U) == 0)
            refresh();
    }

    HOLDFAST_DETAIL_COLD void write_long(const std::uint64_t (&words)[4]) noexcept {
        const std::uint64_t written = page_.long_events.load(std::memory_order_relaxed);
        store_event(long_ring_ + written % long_ring_size_, words);
        page_.long_events.store(written + 1, std::memory_order_release);
        file_.read_clocks();
    }

    HOLDFAST_DETAIL_INLINE static void store_event(trace_event *to,
                                                   const std::uint64_t (&words)[4]) noexcept {
        auto *const place = reinterpret_cast<std::uint64_t *>(to);
        __atomic_store_n(place, words[0], __ATOMIC_RELAXED);
        __atomic_store_n(place + 1, words[1], __ATOMIC_RELAXED);
        __atomic_store_n(place + 2, words[2], __ATOMIC_RELAXED);
        __atomic_store_n(place + 3, words[3], __ATOMIC_RELAXED);
    }

    HOLDFAST_DETAIL_INLINE void count(std::uint64_t wait, std::uint64_t hold) noexcept {
        track_page &page = page_;
        site_row &row = row_of_hold();
        add(page.attaches, 1);
        add(page.wait_total, wait);
        add(page.hold_total, hold);
        add_one(page.waits[histogram_class(wait)]);
        add_one(page.holds[histogram_class(hold)]);
        add(row.count, 1);
        add(row.wait_total, wait);
        add(row.hold_total, hold);
        // No row has a longer one than the page.
        if (wait > row.longest_wait.load(std::memory_order_relaxed))
            note_longest_wait(row, wait);
        if (hold > row.longest_hold.load(std::memory_order_relaxed))
            note_longest_hold(row, hold);
    }

    HOLDFAST_DETAIL_COLD void note_longest_wait(site_row &row, std::uint64_t wait) noexcept {
        put(row.longest_wait, wait);
        if (wait > page_.longest_wait.load(std::memory_order_relaxed)) {
            put(page_.longest_wait, wait);
            page_.longest_wait_site.store(site_, std::memory_order_relaxed);
        }
    }

    HOLDFAST_DETAIL_COLD void note_longest_hold(site_row &row, std::uint64_t hold) noexcept {
        put(row.longest_hold, hold);
        if (hold > page_.longest_hold.load(std::memory_order_relaxed)) {
            put(page_.longest_hold, hold);
            page_.longest_hold_site.store(site_, std::memory_order_relaxed);
            page_.longest_hold_function.store(function_, std::memory_order_relaxed);
        }
    }

    static void add_one(std::atomic<std::uint32_t> &word) noexcept {
        word.store(word.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    /// The row of the current site and function. A row keeps its names while the thread runs.
    HOLDFAST_DETAIL_INLINE site_row &row_of_hold() noexcept {
        if (row_ == nullptr || row_site_ != site_ || row_function_ != function_) {
            row_ = &row_of(site_, function_);
            row_site_ = site_;
            row_function_ = function_;
        }
        return *row_;
    }

    __attribute__((noinline)) site_row &row_of(std::uint16_t site,
                                               std::uint16_t function) noexcept {
        std::size_t at = (site * 7U + function) % (site_rows - 1);
        for (unsigned tries = 0; tries < 8; ++tries, at = (at + 1) % (site_rows - 1)) {
            site_row &row = page_.sites[at];
            if (row.site.load(std::memory_order_relaxed) == site &&
                row.function.load(std::memory_order_relaxed) == function)
                return row;
            if (row.count.load(std::memory_order_relaxed) == 0) {
                row.site.store(site, std::memory_order_relaxed);
                row.function.store(function, std::memory_order_relaxed);
                return row;
            }
        }
        return page_.sites[site_rows - 1];
    }

    void note_function(std::uint16_t function, std::uint64_t took) noexcept {
        if (function_ == 0 || took > longest_call_) {
            function_ = function;
            longest_call_ = took;
        }
    }

    std::uint16_t number(name_kind kind, const char *first, const char *second,
                         unsigned line) noexcept {
        remembered_name &known = names_[(reinterpret_cast<std::uintptr_t>(first) / 8U + line) %
                                        (sizeof names_ / sizeof names_[0])];
        if (known.first != first || known.second != second || known.line != line)
            known = {first, second, line, file_.number_of(kind, first, second, line)};
        return known.number;
    }

    /// Called now and then: updates the name, which may have changed, and the clocks.
    HOLDFAST_DETAIL_COLD void refresh() noexcept {
        char name[sizeof page_.name] = "";
        if (copy_own_name(name, sizeof name))
            store_words(page_.name, name, sizeof name);
        file_.read_clocks();
    }

    struct remembered_name {
        const char *first = nullptr;
        const char *second = nullptr;
        unsigned line = 0;
        std::uint16_t number = 0;
    };

    recorder &file_;
    track_page &page_;
    trace_event *const ring_;
    trace_event *const long_ring_;
    const bool by_counter_;
    bool holds_ = false;
    std::uint16_t site_ = 0;
    std::uint16_t function_ = 0;
    std::uint16_t interpreter_ = 0;
    std::uint16_t row_site_ = 0;  // of row_, likewise row_function_
    std::uint16_t row_function_ = 0;
    site_row *row_ = nullptr;  // found last; null: none yet
    const std::uint64_t long_ticks_;
    const std::uint32_t ring_size_;
    const std::uint32_t long_ring_size_;
    std::uint32_t at_ring_ = 0;
    std::uint64_t wanted_ = 0;
    std::uint64_t attached_ = 0;
    std::uint64_t longest_call_ = 0;
    std::uint64_t lock_wanted_ = 0;
    std::uint16_t lock_owner_ = 0;
    remembered_name names_[64];
};

}  // namespace holdfast::detail
