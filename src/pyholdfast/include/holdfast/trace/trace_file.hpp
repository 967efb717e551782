// holdfast/trace/trace_file.hpp: writes the recorded data to a file.
//
// Must not include <Python.h>.
//
// The file is written, not mapped: if a mapped file is truncated, every process that touches its
// pages gets SIGBUS. Here a truncation only loses the file's contents, and the next round writes
// all of it again. A full disk is handled the same way.
//
// Threads keep recording meanwhile. For each word the file gets some value that the word has had,
// just as a reader of a mapped file would see it. An event that came in between may be counted in
// one round and written in the next. Until then its place holds zeros, which readers skip, or an
// older event of the ring, which they recognise.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/output_file.hpp>
#include <holdfast/trace/event.hpp>
#include <holdfast/trace/word_copy.hpp>

namespace holdfast::detail {

/// The file of a recorder.
///
/// Owns:       the open file, for as long as the process runs.
/// Threads:    any; one writes at a time.
/// Lock order: `mutex_` is a leaf. It is held while the file is written.
class trace_file {
public:
    static constexpr std::uint32_t most_tracks = 512;

    explicit trace_file(const output_file &file) noexcept : file_(file) {}
    trace_file(const trace_file &) = delete;
    trace_file &operator=(const trace_file &) = delete;

    /// Reserves room on the disk. \return an errno number; 0: there is room.
    [[nodiscard]] HOLDFAST_DETAIL_RARE int make_room(std::uint64_t from,
                                                     std::uint64_t size) noexcept {
        return file_.make_room(from, size);
    }

    /// Updates the file. \param tracks  `header.tracks_used` of them.
    HOLDFAST_DETAIL_RARE void write(const trace_header &header,
                                    track_page *const *tracks) noexcept {
        const std::lock_guard<std::mutex> hold(mutex_);
        // The header is copied before the rest is read, and written last: the file then has
        // everything that the header counts, and its clock is not ahead.
        const auto *const base = reinterpret_cast<const char *>(&header);
        std::uint64_t earlier[trace_header_size / sizeof(std::uint64_t)];
        load_words(earlier, base, trace_header_size);
        const std::uint32_t used = header.tracks_used.load(std::memory_order_acquire);
        const std::uint64_t first_track =
            std::uint64_t{header.header_size} + header.names_size + header.notes_size;
        begin_again_if_cut(first_track + std::uint64_t{used} * header.track_size);
        for (std::uint32_t i = 0; i < used; ++i)
            write_track(header, *tracks[i], done_[i],
                        first_track + std::uint64_t{i} * header.track_size);
        write_more(base, header.header_size, header.names_used.load(std::memory_order_acquire),
                   names_);
        write_more(base, header.header_size + header.names_size,
                   header.notes_used.load(std::memory_order_acquire), notes_);
        file_.put(earlier, 0, sizeof earlier);
    }

private:
    /// How much of a track is in the file.
    struct written {
        std::uint64_t started = 0;  // when its thread then started; 0: nothing is written
        std::uint64_t events = 0;
        std::uint64_t long_events = 0;
        bool ended = false;
    };

    void begin_again_if_cut(std::uint64_t size) noexcept {
        if (!file_.grow_if_shorter(size))
            return;
        names_ = notes_ = 0;
        for (written &one : done_)
            one = {};
    }

    void write_track(const trace_header &header, const track_page &page, written &done,
                     std::uint64_t at) noexcept {
        // First which thread it is, then whether that thread has ended
        const std::uint64_t started = page.started.load(std::memory_order_acquire);
        const bool ended = page.state.load(std::memory_order_acquire) == track_state::ended;
        if (done.started != started)
            done = {started, 0, 0, false};
        if (done.ended)
            return;
        const auto *const ring = reinterpret_cast<const trace_event *>(&page + 1);
        const std::uint64_t rings = at + sizeof page;
        write_ring(ring, header.ring_size, page.events.load(std::memory_order_acquire), done.events,
                   rings);
        write_ring(ring + header.ring_size, header.long_ring_size,
                   page.long_events.load(std::memory_order_acquire), done.long_events,
                   rings + sizeof(trace_event) * header.ring_size);
        put(&page, at, sizeof page);
        done.ended = ended;
    }

    void write_ring(const trace_event *ring, std::uint32_t size, std::uint64_t now,
                    std::uint64_t &done, std::uint64_t at) noexcept {
        std::uint64_t next = now - done > size ? now - size : done;
        while (next != now) {
            const std::uint64_t slot = next % size;
            const std::uint64_t count = now - next < size - slot ? now - next : size - slot;
            put(ring + slot, at + slot * sizeof(trace_event), count * sizeof(trace_event));
            next += count;
        }
        done = now;
    }

    void write_more(const char *base, std::uint64_t area, std::uint32_t used,
                    std::uint32_t &done) noexcept {
        put(base + area + done, area + done, used - done);
        done = used;
    }

    /// Stops at the first piece that the file does not take.
    /// \param from  other threads may write to it meanwhile. \param size  whole words.
    void put(const void *from, std::uint64_t at, std::uint64_t size) noexcept {
        const auto *next = static_cast<const char *>(from);
        for (std::size_t part = 0; size != 0; next += part, at += part, size -= part) {
            part = static_cast<std::size_t>(size < sizeof copy_ ? size : sizeof copy_);
            load_words(copy_, next, part);
            if (!file_.put(copy_, at, part))
                return;
        }
    }

    output_file file_;
    std::mutex mutex_;  // guards all below
    std::uint32_t names_ = 0;
    std::uint32_t notes_ = 0;
    written done_[most_tracks] = {};
    std::uint64_t copy_[8192];  // a copy of memory that others write to, on its way to the file
};

}  // namespace holdfast::detail
