// holdfast/trace/trace_memory.hpp: the memory that a process records into, its names and its file.
//
// Must not include <Python.h>.
#pragma once

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <new>
#include <string>

#include <holdfast/error.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/clock.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/memory.hpp>
#include <holdfast/platform/output_file.hpp>
#include <holdfast/platform/process.hpp>
#include <holdfast/platform/ticks.hpp>
#include <holdfast/trace/event.hpp>
#include <holdfast/trace/trace_file.hpp>
#include <holdfast/trace/word_copy.hpp>

namespace holdfast::detail {

/// How much memory to record into.
struct recorder_size {
    std::uint32_t ring = 8192;       // events of each thread
    std::uint32_t long_ring = 1024;  // long events of each thread
    std::uint32_t names = 256 * 1024;
    std::uint32_t notes = 256 * 1024;
};

/// Keeps the recorded data in memory; write_out() copies it to a file.
///
/// Owns:       the memory, for as long as the process runs: a late thread must still be able to
///             write.
/// Threads:    any. A track is written by the thread that took it, until it gives it back.
/// Lock order: `mutex_` is a leaf.
class recorder {
public:
    static constexpr std::uint32_t most_tracks = trace_file::most_tracks;
    static constexpr std::uint64_t long_ns = 1'000'000;

    /// Creates the file, which must not exist yet. Null: it failed; `why` has the reason.
    HOLDFAST_DETAIL_RARE static recorder *create(const char *path, const recorder_size &size,
                                                 std::string &why) {
        const cancellation_held_off until_made;  // reads and writes files, in noexcept functions
        output_file file;
        if (const int problem = file.create(path)) {
            why = std::strerror(problem);
            return nullptr;
        }
        auto *const made = new (std::nothrow) recorder(file, size);
        if (made == nullptr || !made->begin()) {
            why = made == nullptr ? "no memory" : std::strerror(errno);
            file.close();
            remove_file(path);
            delete made;  // its memory is not freed; this happens only when a start fails
            return nullptr;
        }
        return made;
    }
    recorder(const recorder &) = delete;
    recorder &operator=(const recorder &) = delete;

    [[nodiscard]] bool by_counter() const noexcept { return by_counter_; }
    [[nodiscard]] std::uint64_t now() const noexcept { return ticks_now(by_counter_); }
    [[nodiscard]] std::uint64_t long_ticks() const noexcept { return header_->long_ticks; }
    [[nodiscard]] const recorder_size &size() const noexcept { return size_; }
    [[nodiscard]] trace_header &header() noexcept { return *header_; }

    /// Ticks as nanoseconds of the steady clock, with the rate known so far.
    [[nodiscard]] double to_ns(std::uint64_t ticks) const noexcept {
        return by_counter_ ? static_cast<double>(ticks) * ns_per_tick_ : static_cast<double>(ticks);
    }

    /// Reads both clocks. The further this is from the start, the better the reader knows the rate.
    /// It also shows that the process was alive until then.
    HOLDFAST_DETAIL_RARE void read_clocks() noexcept {
        if (reads_clocks_.exchange(true, std::memory_order_acquire))
            return;  // another thread is reading them
        std::uint64_t before = 0;
        std::uint64_t ns = 0;
        for (int tries = 0; tries < 4; ++tries) {  // until nothing came between the two readings
            before = now();
            ns = steady_ns();
            if (to_ns(now() - before) < 2000)
                break;
        }
        header_->last.ns.store(ns, std::memory_order_relaxed);
        header_->last.ticks.store(before, std::memory_order_relaxed);
        reads_clocks_.store(false, std::memory_order_release);
    }

    /// Updates the file. Does nothing in a forked child: the file belongs to the parent.
    HOLDFAST_DETAIL_RARE void write_out() noexcept {
        const cancellation_held_off until_written;
        if (header_->pid == static_cast<std::uint64_t>(process_number()))
            file_.write(*header_, tracks_);
    }

    /// The number of a name, assigned at its first use; 0 if there is no room. `first` and `second`
    /// are literals and compared by address. The name's text is "file:line" or, for a function,
    /// "second.first".
    HOLDFAST_DETAIL_COLD std::uint16_t number_of(name_kind kind, const char *first,
                                                 const char *second, unsigned line) noexcept {
        if (first == nullptr)
            return 0;
        const std::lock_guard<std::mutex> hold(mutex_);
        std::size_t at = (reinterpret_cast<std::uintptr_t>(first) * 31 +
                          reinterpret_cast<std::uintptr_t>(second) + line * 2654435761U) %
                         most_names;
        for (; known_[at].number != 0; at = (at + 1) % most_names)
            if (known_[at].first == first && known_[at].second == second && known_[at].line == line)
                return known_[at].number;
        char text[512];
        if (kind == name_kind::site)
            std::snprintf(text, sizeof text, "%s:%u", first, line);
        else if (second != nullptr && *second != '\0')
            std::snprintf(text, sizeof text, "%s.%s", second, first);
        else
            std::snprintf(text, sizeof text, "%s", first);
        if (std::size_t{names_} + 1 >= most_names / 2 || !write_name_locked(kind, text))
            return 0;
        known_[at] = {first, second, line, names_};
        return names_;
    }

    /// The text of a number; empty if there is none. Slow: for reports.
    HOLDFAST_DETAIL_RARE std::string text_of(std::uint32_t number) const {
        const char *at = names_area();
        const char *const end = at + header_->names_used.load(std::memory_order_acquire);
        while (at < end) {
            name_entry entry{};
            std::memcpy(&entry, at, sizeof entry);
            if (number == std::uint32_t{entry.number})
                return {at + sizeof entry, entry.size};
            at += sizeof entry + (entry.size + 7U) / 8U * 8U;
        }
        return {};
    }

    /// Adds a note, if there is room.
    HOLDFAST_DETAIL_RARE void add_note(const std::string &text) noexcept {
        const std::lock_guard<std::mutex> hold(mutex_);
        const std::uint32_t used = header_->notes_used.load(std::memory_order_relaxed);
        const std::size_t wanted = sizeof(note_entry) + (text.size() + 7U) / 8U * 8U;
        if (used + wanted > header_->notes_size)
            return;
        char *const at = base_ + header_->header_size + header_->names_size + used;
        const note_entry entry{now(), static_cast<std::uint32_t>(text.size()), 0};
        std::memcpy(at, &entry, sizeof entry);
        std::memcpy(at + sizeof entry, text.data(), text.size());
        header_->notes_used.store(used + static_cast<std::uint32_t>(wanted),
                                  std::memory_order_release);
    }

    /// A track for the calling thread; null if the disk is full or there are too many threads.
    HOLDFAST_DETAIL_RARE track_page *take_track() noexcept {
        const std::lock_guard<std::mutex> hold(mutex_);
        const std::uint32_t used = header_->tracks_used.load(std::memory_order_relaxed);
        if (used < most_tracks && !full_) {
            const std::uint64_t offset =
                tracks_offset() + std::uint64_t{used} * header_->track_size;
            void *const mapped = file_.make_room(offset, header_->track_size) == 0
                                     ? map_zeros(header_->track_size)
                                     : nullptr;
            if (mapped != nullptr) {
                tracks_[used] = static_cast<track_page *>(mapped);
                header_->tracks_used.store(used + 1, std::memory_order_release);
                return tracks_[used];
            }
            full_ = true;
        }
        return reuse_track_locked(used);
    }

    /// Visits all present tracks. `visit` must not take or give back a track.
    template <class Visit>
    void for_each_track(Visit &&visit) const {
        for_each_numbered_track([&](track_page &track, std::uint32_t) { visit(track); });
    }

    /// The same, with each track's index in the file: a track that is not used yet has one, too.
    template <class Visit>
    void for_each_numbered_track(Visit &&visit) const {
        const std::uint32_t used = header_->tracks_used.load(std::memory_order_acquire);
        for (std::uint32_t i = 0; i < used; ++i)
            if (tracks_[i]->state.load(std::memory_order_acquire) != track_state::unused)
                visit(*tracks_[i], i);
    }

private:
    static constexpr std::size_t most_names = 8192;
    static constexpr std::size_t page = 4096;

    struct known_name {
        const char *first = nullptr;
        const char *second = nullptr;
        unsigned line = 0;
        std::uint16_t number = 0;
    };

    recorder(const output_file &file, const recorder_size &size) noexcept
        : file_(file), by_counter_(counter_is_steady()), size_(size) {}

    [[nodiscard]] std::uint64_t tracks_offset() const noexcept {
        return std::uint64_t{trace_header_size} + size_.names + size_.notes;
    }

    [[nodiscard]] const char *names_area() const noexcept { return base_ + header_->header_size; }

    HOLDFAST_DETAIL_RARE bool begin() noexcept {
        const std::uint64_t length = tracks_offset();
        errno = file_.make_room(0, length);
        if (errno != 0)
            return false;
        void *const mapped = map_zeros(length);
        if (mapped == nullptr)
            return false;
        base_ = static_cast<char *>(mapped);
        header_ = new (mapped) trace_header{};
        header_->version = trace_version;
        header_->header_size = trace_header_size;
        header_->names_size = size_.names;
        header_->notes_size = size_.notes;
        header_->track_page_size = sizeof(track_page);
        header_->ring_size = size_.ring;
        header_->long_ring_size = size_.long_ring;
        header_->track_size = static_cast<std::uint32_t>(
            (sizeof(track_page) + sizeof(trace_event) * (size_.ring + size_.long_ring) + page - 1) /
            page * page);
        header_->pid = static_cast<std::uint64_t>(process_number());
        header_->started_wall_ns = wall_ns();
        header_->by_counter = by_counter_ ? 1 : 0;
        copy_command_line(header_->command, sizeof header_->command);
        measure_rate();
        header_->long_ticks =
            static_cast<std::uint64_t>(static_cast<double>(long_ns) / ns_per_tick_);
        std::memcpy(header_->magic, trace_magic, sizeof trace_magic);
        write_out();
        return true;
    }

    /// Measures the rate to a thousandth within a millisecond, for limits and reports in this
    /// process. Readers of the file know it better.
    HOLDFAST_DETAIL_RARE void measure_rate() noexcept {
        const std::uint64_t begun = now();
        const std::uint64_t begun_ns = steady_ns();
        header_->first.ticks.store(begun, std::memory_order_relaxed);
        header_->first.ns.store(begun_ns, std::memory_order_relaxed);
        if (by_counter_) {
            std::uint64_t ns = 0;
            do {
                ns = steady_ns();
            } while (ns - begun_ns < long_ns);
            ns_per_tick_ = static_cast<double>(ns - begun_ns) / static_cast<double>(now() - begun);
        }
        read_clocks();
    }

    HOLDFAST_DETAIL_RARE bool write_name_locked(name_kind kind, const char *text) noexcept {
        const std::uint32_t used = header_->names_used.load(std::memory_order_relaxed);
        const auto length = static_cast<std::uint32_t>(std::strlen(text));
        const std::uint32_t wanted =
            static_cast<std::uint32_t>(sizeof(name_entry)) + (length + 7U) / 8U * 8U;
        if (used + wanted > header_->names_size)
            return false;
        char *const at = base_ + header_->header_size + used;
        const name_entry entry{++names_, kind, length};
        std::memcpy(at, &entry, sizeof entry);
        std::memcpy(at + sizeof entry, text, length);
        header_->names_used.store(used + wanted, std::memory_order_release);
        return true;
    }

    /// Clears and reuses the track of the thread that ended longest ago.
    HOLDFAST_DETAIL_RARE track_page *reuse_track_locked(std::uint32_t used) noexcept {
        track_page *oldest = nullptr;
        for (std::uint32_t i = 0; i < used; ++i)
            if (tracks_[i]->state.load(std::memory_order_acquire) == track_state::ended &&
                (oldest == nullptr || tracks_[i]->ended.load() < oldest->ended.load()))
                oldest = tracks_[i];
        if (oldest == nullptr) {
            header_->threads_without_track.fetch_add(1, std::memory_order_relaxed);
            return nullptr;
        }
        const auto add = [](std::atomic<std::uint64_t> &total, std::uint64_t more) {
            total.store(total.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
        };
        add(header_->past_threads, 1);
        add(header_->past_attaches, oldest->attaches.load());
        add(header_->past_wait_total, oldest->wait_total.load());
        add(header_->past_hold_total, oldest->hold_total.load());
        add(header_->past_events, oldest->events.load());
        header_->tracks_reused.fetch_add(1, std::memory_order_relaxed);
        clear_words(oldest, sizeof *oldest);  // word by word: the file's writer may be reading it
        return oldest;
    }

    trace_file file_;
    bool by_counter_;
    std::atomic<bool> reads_clocks_{false};
    bool full_ = false;  // guarded by mutex_: the disk has no room for another track
    recorder_size size_;
    double ns_per_tick_ = 1.0;
    char *base_ = nullptr;
    trace_header *header_ = nullptr;
    std::mutex mutex_;                      // guards everything below, and the areas of names and
                                            // notes
    track_page *tracks_[most_tracks] = {};  // entries below tracks_used never change again
    known_name known_[most_names] = {};
    std::uint16_t names_ = 0;
};

}  // namespace holdfast::detail
