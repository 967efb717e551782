// holdfast/trace/event.hpp: the events recorded about attaching threads, and their file layout.
//
// Must not include <Python.h>.
//
// Events are recorded in memory and written to a file ten times a second (trace_file.hpp). If the
// host crashes or is killed, only the last moment is lost. The file holds
//   a trace_header, 4096 bytes
//   the names, `names_size` bytes: name_entry records, one after the other
//   the notes, `notes_size` bytes: note_entry records: the watchdog's reports
//   the tracks, `track_size` bytes each: a track_page, a ring of events, a ring of long events
// Numbers are in the machine's byte order. src/pyholdfast/trace/file_layout.py reads the file; both
// use the same field names. Any change that a reader of the other version would misread changes
// trace_version.
//
// Why relaxed accesses are enough: only its own thread writes a track (all but one word of it). Other
// threads (the watchdog, a reader) read single words of it and treat each word on its own, or they
// read the track after its thread has ended. An event is counted after it was written, with a release
// store: a counted event is complete.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <holdfast/gate/call_site.hpp>
#include <holdfast/trace/hold_purpose.hpp>

namespace holdfast::detail {

inline constexpr char trace_magic[16] = "holdfast-trace\n";
inline constexpr std::uint32_t trace_version = 1;

/// What a thread is doing, as far as holdfast sees it.
enum class track_state : std::uint32_t { unused, native, waiting, attached, ended };

/// Why an attached thread does not use the processor.
enum class attached_sleep : std::uint64_t {
    unknown,       // it may run
    in_call,       // it sleeps in a system call, with or without Python's lock
    for_its_turn,  // it waits for Python's lock, which another thread has
};

enum class event_kind : std::uint8_t {
    none,
    hold,        // start: attach requested; middle: attached; end: detached
    call,        // of a typed function, during a hold: middle to end
    task,        // of a pool: middle to end
    collection,  // of garbage: middle to end; free-threaded builds stop all other threads
    lock,        // holdfast::mutex: start: requested; middle and end: locked; `function`: one more
                 // than the number of the track whose thread had it at the start; 0: unknown
    drain,       // finalize() waits for other threads: middle to end
};

struct trace_event {
    std::uint64_t start = 0;  // ticks
    std::uint64_t middle = 0;
    std::uint64_t end = 0;
    std::uint16_t site = 0;      // number of a name; 0: unknown
    std::uint16_t function = 0;  // the same
    event_kind kind = event_kind::none;
    std::uint8_t flags = 0;  // 1: a detach_guard ended this hold, or the hold follows one
    std::uint16_t interpreter = 0;
};
static_assert(sizeof(trace_event) == 32);

/// The last eight bytes of an event as one number. An event that is put together field by field and
/// then copied by words makes the processor wait until the fields are stored.
inline std::uint64_t event_label(std::uint16_t site, std::uint16_t function, event_kind kind,
                                 std::uint8_t flags, std::uint16_t interpreter) noexcept {
    const std::uint64_t fields[] = {site, function, static_cast<std::uint64_t>(kind), flags,
                                    interpreter};
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return fields[0] | fields[1] << 16U | fields[2] << 32U | fields[3] << 40U | fields[4] << 48U;
#else
    return fields[0] << 48U | fields[1] << 32U | fields[2] << 24U | fields[3] << 16U | fields[4];
#endif
}

/// All attaches of one thread at one call site and into one function. Totals in ticks.
struct site_row {
    std::atomic<std::uint16_t> site;
    std::atomic<std::uint16_t> function;
    std::atomic<std::uint32_t> unused;
    std::atomic<std::uint64_t> count;
    std::atomic<std::uint64_t> wait_total;
    std::atomic<std::uint64_t> hold_total;
    std::atomic<std::uint64_t> longest_wait;
    std::atomic<std::uint64_t> longest_hold;
};
static_assert(sizeof(site_row) == 48);

/// A holdfast::mutex that the thread holds.
struct held_lock {
    std::atomic<std::uint64_t> address;
    std::atomic<const call_site *> made;  // within the mutex, in this process; null: unknown
};

inline constexpr std::size_t histogram_size = 192;  // four classes for each power of two of ticks
inline constexpr std::size_t site_rows = 64;        // the last row takes what finds no other
inline constexpr std::size_t held_locks = 8;

/// The class of a duration: its power of two, and the two bits below.
inline std::size_t histogram_class(std::uint64_t ticks) noexcept {
    if (ticks < 4)
        return static_cast<std::size_t>(ticks);
    const unsigned power = 63U - static_cast<unsigned>(__builtin_clzll(ticks));
    const std::size_t found =
        (power - 1U) * 4U + static_cast<std::size_t>((ticks >> (power - 2U)) & 3U);
    return found < histogram_size ? found : histogram_size - 1;
}

/// What is known about one thread, or one worker process. Stored in the file; initially all zero.
struct alignas(64) track_page {
    // What it is doing now.
    std::atomic<track_state> state;
    std::atomic<std::uint32_t> site;  // of the wait or hold; 0: unknown
    std::atomic<std::uint32_t> function;
    std::atomic<std::uint32_t> interpreter;
    std::atomic<std::uint64_t> since;         // ticks of the change to `state`
    std::atomic<std::uint64_t> thread_state;  // address of the PyThreadState it attached with
    std::atomic<std::uint64_t> events;        // events written to the ring, including those that
                                              // were overwritten
    std::atomic<std::uint64_t> long_events;   // likewise for long events
    std::atomic<std::uint64_t> turns;         // how often the state became `waiting`
    // Equal to `since`: attached, but not running when the file was last written: it had released
    // the GIL in a call, or waited for its turn. The thread that writes the file writes this.
    std::atomic<std::uint64_t> let_go;
    // What it has done.
    alignas(64) std::atomic<std::uint64_t> attaches;
    std::atomic<std::uint64_t> wait_total;
    std::atomic<std::uint64_t> hold_total;
    std::atomic<std::uint64_t> longest_wait;
    std::atomic<std::uint64_t> longest_hold;
    std::atomic<std::uint32_t> longest_wait_site;
    std::atomic<std::uint32_t> longest_hold_site;
    std::atomic<std::uint32_t> longest_hold_function;
    std::atomic<std::uint32_t> is_worker;  // 1: a worker process; `function` is its task, or 0
    std::atomic<std::uint64_t> calls;
    std::atomic<std::uint64_t> call_total;
    std::atomic<std::uint64_t> collections;
    std::atomic<std::uint64_t> collection_total;
    std::atomic<std::uint64_t> tasks;
    std::atomic<std::uint64_t> failed_tries;  // of try_lock() of a holdfast::mutex
    // Who it is.
    alignas(64) std::atomic<std::uint64_t> native_id;  // of a worker: its process id
    std::atomic<std::uint64_t> thread_id;              // CPython's ident
    std::atomic<std::uint64_t> started;                // ticks
    std::atomic<std::uint64_t> ended;                  // ticks; 0: it has not ended
    char name[32];                                     // the system's
    // Locks.
    // the holdfast::mutex that it waits for; 0: none
    alignas(64) std::atomic<std::uint64_t> wanted_lock;
    std::atomic<const call_site *> wanted_lock_made;
    std::atomic<std::uint64_t> wanted_lock_since;  // ticks
    held_lock held[held_locks];
    std::atomic<std::uint64_t> draining_since;  // ticks; 0: it does not wait in finalize()
    // For what it slept when the file was last written, if it is still attached since
    // `sleep_since`. The thread that writes the file writes these.
    std::atomic<attached_sleep> sleep;
    std::atomic<std::uint64_t> sleep_since;
    std::atomic<std::uint64_t> tried_lock;  // the holdfast::mutex whose try_lock() failed last
    // Durations by class.
    alignas(64) std::atomic<std::uint32_t> waits[histogram_size];
    std::atomic<std::uint32_t> holds[histogram_size];
    alignas(64) site_row sites[site_rows];
};

/// Two clock readings of the same instant.
struct clock_pair {
    std::atomic<std::uint64_t> ticks;
    std::atomic<std::uint64_t> ns;  // steady clock
};

struct trace_header {
    char magic[16];
    std::uint32_t version;
    std::uint32_t header_size;
    std::uint32_t names_size;
    std::uint32_t notes_size;
    std::uint32_t track_size;
    std::uint32_t track_page_size;
    std::uint32_t ring_size;       // events of a track
    std::uint32_t long_ring_size;  // long events of a track
    std::uint64_t long_ticks;      // a wait or hold of at least this length is also a long event
    std::uint64_t pid;
    std::uint64_t started_wall_ns;
    std::uint32_t by_counter;  // 1: ticks of the processor's counter; 0: nanoseconds
    std::atomic<std::uint32_t> names_used;
    std::atomic<std::uint32_t> notes_used;
    std::atomic<std::uint32_t> tracks_used;
    std::atomic<std::uint32_t>
        tracks_reused;  // tracks of ended threads that were reused, which dropped their events
    std::atomic<std::uint32_t> threads_without_track;
    std::atomic<std::uint32_t> ended;           // 1: Python has been finalized
    std::atomic<std::uint32_t> python_version;  // PY_VERSION_HEX; 0: Python has not started
    std::atomic<std::uint32_t> free_threaded;
    std::atomic<std::uint32_t> switch_interval_us;
    clock_pair first;
    clock_pair last;
    // Totals of threads whose tracks were reused. Ticks.
    std::atomic<std::uint64_t> past_threads;
    std::atomic<std::uint64_t> past_attaches;
    std::atomic<std::uint64_t> past_wait_total;
    std::atomic<std::uint64_t> past_hold_total;
    std::atomic<std::uint64_t> past_events;
    char command[1024];  // words, each followed by a zero byte
    // A bit for each interpreter's number: it is known to have its own GIL, and is not the main one
    std::atomic<std::uint64_t> with_own_gil[32];
};
static_assert(sizeof(trace_header) <= 4096);
inline constexpr std::uint32_t trace_header_size = 4096;

enum class name_kind : std::uint16_t { site = 1, function = 2 };

/// Followed by `size` bytes of text, then by zeros up to a multiple of eight.
struct name_entry {
    std::uint16_t number;
    name_kind kind;
    std::uint32_t size;
};

/// Laid out the same way; `ticks` is when the note was written.
struct note_entry {
    std::uint64_t ticks;
    std::uint32_t size;
    std::uint32_t unused;
};

}  // namespace holdfast::detail
