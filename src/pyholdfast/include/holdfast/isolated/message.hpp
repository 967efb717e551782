// holdfast/isolated/message.hpp: messages between the host and a worker that do not fit into the ring
// (message_ring.hpp), or that come with shared memory.
//
// Each is one packet (packet_socket.hpp), numbers least byte first:
//
//   request  task, flags, bytes of the pickle here (uint32 each), bytes of the pickle in the first
//            segment (uint64), segments (uint16), 0 (uint16);
//            per segment: number (uint32), bytes (uint64), read-only (uint8); the pickle.
//            The segments' keys are passed along (shared_memory.hpp).
//   answer   task (uint32), kind (uint8), file for results (uint8), buffers (uint16), segments that
//            are no longer used (uint16), use of the file (uint16), bytes of the pickle (uint64);
//            per buffer its bytes (uint64); the numbers of the segments (uint32); the pickle. If
//            there is a file (not 0), its key is passed along, and it has the pickle and
//            then the buffers (result_memory.hpp).
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/isolated/plain_value.hpp>
#include <holdfast/isolated/result_memory.hpp>
#include <holdfast/isolated/segment.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/packet_socket.hpp>

namespace holdfast::detail {

enum class answer_kind : unsigned char {
    ready,
    result,
    raised,
    interrupted,
    no_memory,
    not_started,
    chunk,   // some values of a generator: the task goes on
    called,  // the index of a callback, and its arguments: the task waits for the host
};

inline bool is_last_of_task(answer_kind kind) noexcept {
    return kind != answer_kind::chunk && kind != answer_kind::called;
}

/// What a request is marked with, besides message_ring::in_socket.
inline constexpr std::uint32_t request_wants_result = 1;
inline constexpr std::uint32_t request_streams = 2;
inline constexpr std::uint32_t request_calls = 4;  // it has callbacks

/// What a worker sent.
struct worker_answer {
    std::uint32_t task = 0;
    answer_kind kind = answer_kind::ready;
    std::string pickle;
    std::vector<answer_buffer> buffers;
    std::vector<std::uint32_t> released;  // segments
};

enum class receive_outcome : unsigned char {
    received,
    nothing,    // there is no answer now
    ended,      // no more answers will come
    malformed,  // not what a worker of ours sends
};

/// Receives one answer. Whatever the worker does, this does not read beyond the packet, or block.
/// A pickle in shared memory is copied, so that it cannot change while it is read.
/// \throws std::bad_alloc
receive_outcome receive_answer(packet_end socket, std::size_t most_bytes, result_memory &results,
                               worker_answer &answer);

enum class send_outcome : unsigned char { sent, full, broken };

/// Sends a request. Does not block.
/// \param why  there is no room: set if the outcome is send_outcome::full.
send_outcome send_request(packet_end socket, std::uint32_t task, std::uint32_t flags,
                          const std::string &pickle, const std::vector<large_block> &blocks,
                          bool pickle_in_block, std::error_code &why);

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/message.ipp>
#endif
