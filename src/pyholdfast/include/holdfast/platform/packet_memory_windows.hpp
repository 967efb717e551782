// holdfast/platform/packet_memory_windows.hpp: packet_socket.hpp for Windows.
//
// A pipe there would have to keep what was sent until it is read, and tell when it has been. So
// packets go through two rings in shared memory, and who reads is woken by other means.
//
// A packet has its length, the number of keys of shared memory (uint32 each), the keys and the
// text. Positions count bytes, modulo 2^32. The other process may write anything into the memory at
// any time.
#pragma once

#if defined(_WIN32)

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/packet_outcome.hpp>
#include <holdfast/platform/shared_memory_windows.hpp>

namespace holdfast::detail {

/// Owns:    the memory.
/// Threads: one at a time sends; one at a time, maybe another, receives.
class packet_memory {
public:
    static constexpr std::uint32_t ring_size = 256U << 10U;

    /// \throws std::system_error
    explicit packet_memory(const char *what) : memory_("", 4096 + 2 * ring_size, what) {}

    [[nodiscard]] const memory_key &key() const noexcept { return memory_.key(); }

    packet_outcome send(std::string_view head, std::string_view body,
                        const std::vector<memory_key> &keys) {
        std::string start;
        add_number(start, keys.size() * sizeof(memory_key) + head.size() + body.size());
        add_number(start, keys.size());
        for (const memory_key &key : keys)
            start.append(key.data(), key.size());
        const std::size_t size = start.size() + head.size() + body.size();
        const std::uint32_t used = sent_ - word(1).load(std::memory_order_acquire);
        if (used > ring_size || size > ring_size - used)
            return packet_outcome::later;
        for (const std::string_view part : {std::string_view(start), head, body})
            for (const char one : part)
                ring(0)[sent_++ % ring_size] = one;
        word(0).store(sent_, std::memory_order_release);
        return packet_outcome::done;
    }

    packet_outcome receive(char *to, std::size_t room, std::size_t &size, file_handle &passed) {
        const std::uint32_t end = word(2).load(std::memory_order_acquire);
        const std::uint32_t there = end - received_;
        size = 0;
        if (there == 0)
            return packet_outcome::later;
        const std::size_t length = number(received_);
        const std::size_t keys = std::size_t{number(received_ + 4)} * sizeof(memory_key);
        std::uint32_t from = received_ + 8;
        received_ = end;
        if (there <= ring_size && there >= 8 && length <= there - 8 && keys <= length &&
            length - keys <= room) {
            memory_key first;
            if (keys != 0) {
                copy(from, first.data(), first.size());
                if (is_key(first))
                    passed = open_shared_memory(first);
            }
            size = length - keys;
            copy(from + static_cast<std::uint32_t>(keys), to, size);
            received_ = from + static_cast<std::uint32_t>(length);
        }
        word(3).store(received_, std::memory_order_release);
        return packet_outcome::done;
    }

    [[nodiscard]] bool has_packet() const noexcept {
        return word(2).load(std::memory_order_acquire) != received_;
    }

private:
    /// 0 and 1: where what was sent ends, and what has not been read begins; 2 and 3: the same for the
    /// other direction.
    [[nodiscard]] std::atomic<std::uint32_t> &word(std::size_t index) const noexcept {
        return *reinterpret_cast<std::atomic<std::uint32_t> *>(static_cast<char *>(memory_.data()) +
                                                               64 * index);
    }
    [[nodiscard]] char *ring(std::size_t direction) const noexcept {
        return static_cast<char *>(memory_.data()) + 4096 + direction * ring_size;
    }
    static void add_number(std::string &to, std::size_t value) {
        const auto number = static_cast<std::uint32_t>(value);
        to.append(reinterpret_cast<const char *>(&number), sizeof number);
    }
    [[nodiscard]] std::uint32_t number(std::uint32_t from) const noexcept {
        std::uint32_t value = 0;
        copy(from, reinterpret_cast<char *>(&value), sizeof value);
        return value;
    }
    void copy(std::uint32_t from, char *to, std::size_t size) const noexcept {
        for (std::size_t i = 0; i < size; ++i)
            to[i] = ring(1)[(from + i) % ring_size];
    }
    static bool is_key(const memory_key &key) noexcept {
        return std::all_of(key.begin(), key.end(), [](char one) {
            return (one >= '0' && one <= '9') || (one >= 'a' && one <= 'f');
        });
    }

    shared_memory memory_;
    std::uint32_t sent_ = 0;
    std::uint32_t received_ = 0;
};

using packet_end = packet_memory *;

/// As many as one likes: memory is passed by its name.
inline std::size_t most_descriptors() noexcept { return std::numeric_limits<std::size_t>::max(); }

inline bool is_crowded(const std::error_code &) noexcept { return false; }

/// \param why  there is no room: set if the outcome is packet_outcome::later.
inline packet_outcome send_packet(packet_end to, std::string_view head, std::string_view body,
                                  const std::vector<memory_key> &keys, std::error_code &why) {
    why = std::make_error_code(std::errc::no_buffer_space);
    return to->send(head, body, keys);
}

/// Receives one packet, and opens the first shared memory that it names.
/// \param size  of the packet; 0 if it is empty, longer than `room`, or malformed.
inline packet_outcome receive_packet(packet_end from, char *to, std::size_t room, std::size_t &size,
                                     file_handle &passed) {
    return from->receive(to, room, size, passed);
}

inline bool has_packet(packet_end from) noexcept { return from->has_packet(); }

}  // namespace holdfast::detail

#endif
