// holdfast/trace/trace_file.hpp: what has been recorded in memory, on its way into a file.
//
// Must not include <Python.h>.
//
// The file is written, not mapped: who truncates a mapped file ends every process that touches its
// pages, by SIGBUS. Here it only costs what was in the file, and the next round writes all of it
// again. So does a disk that is full.
//
// Threads record meanwhile. Of each word the file gets some value that it has had: the same that a
// reader of a mapped file would have seen. An event may be counted, because it came in between, and
// be in the file one round later; until then a zero is in its place, or an older event of the ring,
// and readers leave the first out and know the second.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/trace/event.hpp>
#include <holdfast/trace/word_copy.hpp>

namespace holdfast::detail {

/// The file of a recorder.
///
/// Owns:       its descriptor, for as long as the process runs.
/// Threads:    any; one at a time writes.
/// Lock order: `mutex_` is a leaf. It is held while the file is written.
class trace_file {
public:
    static constexpr std::uint32_t most_tracks = 512;

    explicit trace_file(int descriptor) noexcept : descriptor_(descriptor) {}
    trace_file(const trace_file &) = delete;
    trace_file &operator=(const trace_file &) = delete;

    /// Asks the disk for room. \return errno's number; 0: there is some.
    [[nodiscard]] HOLDFAST_DETAIL_COLD int make_room(std::uint64_t from,
                                                     std::uint64_t size) noexcept {
        return posix_fallocate(descriptor_, static_cast<off_t>(from), static_cast<off_t>(size));
    }

    /// Brings the file up to now. \param tracks  `header.tracks_used` of them.
    HOLDFAST_DETAIL_COLD void write(const trace_header &header,
                                    track_page *const *tracks) noexcept {
        const std::lock_guard<std::mutex> hold(mutex_);
        // As it was before the rest is read, and written last: what it counts is there, and its
        // clock is not ahead.
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
        put_copy(earlier, 0, sizeof earlier);
    }

private:
    /// What of a track is in the file.
    struct written {
        std::uint64_t started = 0;  // of the thread that it was then; 0: nothing
        std::uint64_t events = 0;
        std::uint64_t long_events = 0;
        bool ended = false;
    };

    void begin_again_if_cut(std::uint64_t size) noexcept {
        struct stat now{};
        if (fstat(descriptor_, &now) != 0 || static_cast<std::uint64_t>(now.st_size) >= size)
            return;
        if (ftruncate(descriptor_, static_cast<off_t>(size)) != 0)
            return;
        names_ = notes_ = 0;
        for (written &one : done_)
            one = {};
    }

    void write_track(const trace_header &header, const track_page &page, written &done,
                     std::uint64_t at) noexcept {
        // Then whether that one has ended
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
            const std::uint64_t count = std::min(now - next, size - slot);
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

    /// Up to the first piece that the file does not take.
    /// \param from  others may write to it meanwhile. \param size  of whole words.
    void put(const void *from, std::uint64_t at, std::uint64_t size) noexcept {
        const auto *next = static_cast<const char *>(from);
        for (std::uint64_t part = 0; size != 0; next += part, at += part, size -= part) {
            part = std::min<std::uint64_t>(size, sizeof copy_);
            load_words(copy_, next, part);
            if (!put_copy(copy_, at, part))
                return;
        }
    }

    /// False: the file has not taken all.
    bool put_copy(const void *from, std::uint64_t at, std::uint64_t size) noexcept {
        const auto *next = static_cast<const char *>(from);
        while (size != 0) {
            const ssize_t done =
                pwrite(descriptor_, next, static_cast<std::size_t>(size), static_cast<off_t>(at));
            if (done <= 0)
                return false;
            next += done;
            at += static_cast<std::uint64_t>(done);
            size -= static_cast<std::uint64_t>(done);
        }
        return true;
    }

    const int descriptor_;
    std::mutex mutex_;  // guards all below
    std::uint32_t names_ = 0;
    std::uint32_t notes_ = 0;
    written done_[most_tracks] = {};
    std::uint64_t copy_[8192];  // of what others write to meanwhile, on its way into the file
};

}  // namespace holdfast::detail
