// holdfast/isolated/message_ring.hpp: small messages between the host and a worker, in memory that
// both have mapped.
//
// Two rings, each with one writer and one reader. A message lies in one piece: where the rest of the
// ring is too short, a mark says to go on at its start. Positions count bytes, modulo 2^32. What
// does not fit, or comes with a descriptor, goes through the socket (message.hpp), and the ring only
// has its place in the order.
//
// Sleeping. Before one side sleeps, it says so, and looks once more. The other writes its message
// first, and then looks whether it must ring. A full fence between the two steps of each ensures
// that at least one of them sees the other.
//
// Taking requests back. Before the worker begins a request, it writes the request's number to
// `running`, and looks once more whether the request is still there. The host takes requests back
// from the end: it moves the end, and then reads `running`. Of these two steps, too, at least one
// sees the other. If both do, the worker leaves the request alone, and the host puts it back.
//
// The worker may write anything here at any time. So the host keeps its own copy of all that it
// writes, reads each value once, and checks it.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// The first bytes of the memory; worker_program.hpp has the same order.
struct ring_words {
    /// A line of the cache each, as far as the two sides write to them.
    struct alignas(64) word {
        std::atomic<std::uint32_t> value;
    };
    word interrupt;      // the request to interrupt
    word running;        // the last request that the worker has begun
    word request_end;    // after the last request
    word request_begin;  // the worker has read all before this
    word worker_sleeps;  // until the host rings
    word closing;        // there will be no more requests
    word answer_end;
    word answer_begin;
    word host_sleeps;     // 0, or the bell that the worker is to ring
    word stop;            // the generator that is to end: the number of its request
    word heard_for;       // what the next two are about: the number of a request
    word heard;           // how many of its chunks have been read
    word verdict;         // 4 times how many of its calls have returned, and what the last one has
                          // returned: 0, 1 or callback_failed
    word result_read[4];  // by file of results: the last use of it that nobody reads any more
};
inline constexpr std::uint32_t result_files = 4;

inline constexpr std::uint32_t ring_size = 128U << 10U;
inline constexpr std::size_t ring_memory = 4096 + 2 * std::size_t{ring_size};
/// A worker waits if that many chunks have not been read, and another one is ready.
inline constexpr std::uint32_t chunks_ahead = 3;
inline constexpr std::uint32_t callback_failed = 2;  // in place of false or true
/// A longer message goes through the socket.
inline constexpr std::size_t most_in_ring = 16384;

/// What is in a ring besides the pickle.
struct ring_entry {
    std::uint32_t number = 0;
    std::uint32_t flags = 0;
    std::string pickle;
};

/// The host's side of both rings of one worker.
///
/// Threads: one at a time puts and takes back requests; one at a time, maybe another, takes answers.
class message_ring {
public:
    static constexpr std::uint32_t in_socket = 0x100;  // a flag: the message is in the socket

    /// \param memory  `ring_memory` zero bytes, which live longer than this.
    void open(void *memory) noexcept;

    /// False: there is no room. The worker does not see the request before publish().
    bool put(std::uint32_t flags, std::string_view pickle, std::uint32_t &position) noexcept;
    /// The worker has answered, or given back, all requests.
    void all_read() noexcept { read_before_ = request_end_; }
    /// Shows the worker what was put. True: it sleeps, and must be woken.
    [[nodiscard]] bool publish() noexcept;
    /// No more requests will come. True: it sleeps, and must be woken.
    [[nodiscard]] bool close() noexcept;
    /// Takes back the request at `position`, and all after it, unless the worker has begun it.
    /// \param must_wake  set if that fails, and the worker sleeps and must be woken.
    [[nodiscard]] bool take_back(std::uint32_t position, std::uint32_t number,
                                 bool &must_wake) noexcept;
    /// Takes back all requests of a worker that was killed, or has ended.
    /// \return the number of the last request that it may have begun.
    [[nodiscard]] std::uint32_t take_back_all() noexcept;
    void interrupt(std::uint32_t number) noexcept;
    /// Ends the generator of that request. True: the worker sleeps, and must be woken.
    [[nodiscard]] bool stop(std::uint32_t number) noexcept;
    /// So many chunks of a request have been read, and so many of its calls have returned, the last
    /// one with `verdict`. True: it must be woken.
    [[nodiscard]] bool hear(std::uint32_t number, std::uint32_t read, std::uint32_t returned,
                            std::uint32_t verdict) noexcept;

    enum class outcome : unsigned char { taken, nothing, malformed };
    /// \throws std::bad_alloc
    outcome take(ring_entry &answer);
    /// Whether there seems to be one. Any thread.
    [[nodiscard]] bool has_answer() const noexcept {
        return words_->answer_end.value.load(std::memory_order_relaxed) !=
               words_->answer_begin.value.load(std::memory_order_relaxed);
    }
    /// The worker rings that bell after its next answer. False: there is one already.
    [[nodiscard]] bool sleep(std::uint32_t bell) noexcept;

private:
    [[nodiscard]] bool must_wake() noexcept;

    ring_words *words_ = nullptr;
    char *requests_ = nullptr;
    const char *answers_ = nullptr;
    std::uint32_t request_end_ = 0;
    std::uint32_t read_before_ = 0;
    std::uint32_t answer_begin_ = 0;
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/message_ring.ipp>
#endif
