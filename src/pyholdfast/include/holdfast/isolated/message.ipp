// holdfast/isolated/message.ipp: the bodies of message.hpp.
#pragma once

#include <holdfast/isolated/message.hpp>

#include <vector>

#include <holdfast/isolated/pickle_writer.hpp>
#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/packet_socket.hpp>

namespace holdfast::detail {

/// A request without its pickle has at most 24 bytes and 13 for each segment.
inline constexpr std::size_t most_packet = large_size + 32768;

/// The parts of a packet, in order; a part that is missing makes it malformed.
class packet_reader {
public:
    explicit packet_reader(std::string_view packet) : left_(packet) {}

    std::uint64_t number(std::size_t bytes) noexcept {
        std::uint64_t result = 0;
        const std::string_view part = take(bytes);
        for (std::size_t i = part.size(); i-- > 0;)
            result = result << 8U | static_cast<unsigned char>(part[i]);
        return result;
    }
    std::string_view take(std::size_t bytes) noexcept {
        if (bytes > left_.size()) {
            whole_ = false;
            left_ = {};
            return {};
        }
        const std::string_view part = left_.substr(0, bytes);
        left_.remove_prefix(bytes);
        return part;
    }
    [[nodiscard]] bool is_whole() const noexcept { return whole_; }
    [[nodiscard]] std::size_t left() const noexcept { return left_.size(); }

private:
    std::string_view left_;
    bool whole_ = true;
};

HOLDFAST_DETAIL_BODY bool parse_answer(std::string_view packet, const file_handle &file,
                                       std::size_t most_bytes, result_memory &results,
                                       worker_answer &answer) {
    packet_reader parts(packet);
    answer.task = static_cast<std::uint32_t>(parts.number(4));
    const std::uint64_t kind = parts.number(1);
    result_memory::place place;
    place.file = static_cast<std::uint32_t>(parts.number(1));
    const std::uint64_t buffers = parts.number(2);
    const std::uint64_t released = parts.number(2);
    place.use = static_cast<std::uint32_t>(parts.number(2));
    place.pickle_size = parts.number(8);
    if (!parts.is_whole() || kind > static_cast<std::uint64_t>(answer_kind::called) ||
        buffers * 8 + released * 4 > parts.left())
        return false;
    answer.kind = static_cast<answer_kind>(kind);
    for (std::uint64_t i = 0; i < buffers; ++i)
        place.sizes.push_back(parts.number(8));
    for (std::uint64_t i = 0; i < released; ++i)
        answer.released.push_back(static_cast<std::uint32_t>(parts.number(4)));
    if (place.file != 0)
        return parts.left() == 0 &&
               results.read(file, place, most_bytes, answer.pickle, answer.buffers);
    if (place.pickle_size != parts.left() || buffers != 0)
        return false;
    answer.pickle = parts.take(parts.left());
    return true;
}

HOLDFAST_DETAIL_BODY receive_outcome receive_answer(packet_end socket, std::size_t most_bytes,
                                                    result_memory &results, worker_answer &answer) {
    char packet[most_packet];
    std::size_t size = 0;
    file_handle file;
    const packet_outcome outcome = receive_packet(socket, packet, sizeof packet, size, file);
    if (outcome != packet_outcome::done)
        return outcome == packet_outcome::later ? receive_outcome::nothing : receive_outcome::ended;
    return size != 0 && parse_answer({packet, size}, file, most_bytes, results, answer)
               ? receive_outcome::received
               : receive_outcome::malformed;
}

HOLDFAST_DETAIL_BODY send_outcome send_request(packet_end socket, std::uint32_t task,
                                               std::uint32_t flags, const std::string &pickle,
                                               const std::vector<large_block> &blocks,
                                               bool pickle_in_block, std::error_code &why) {
    std::string head;
    const auto add = [&](std::uint64_t value, std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; ++i, value >>= 8U)
            head += static_cast<char>(value & 0xFFU);
    };
    add(task, 4);
    add(flags, 4);
    add(pickle.size(), 4);
    add(pickle_in_block ? blocks[0].size : 0, 8);
    add(blocks.size(), 2);
    add(0, 2);
    for (const large_block &block : blocks) {
        add(block.memory->number(), 4);
        add(block.size, 8);
        add(block.read_only ? 1 : 0, 1);
    }
    std::vector<memory_key> keys;
    for (const large_block &block : blocks)
        keys.push_back(block.memory->key());
    switch (send_packet(socket, head, pickle, keys, why)) {
    case packet_outcome::done:
        return send_outcome::sent;
    case packet_outcome::later:
        return send_outcome::full;
    case packet_outcome::broken:
        break;
    }
    return send_outcome::broken;
}

}  // namespace holdfast::detail
