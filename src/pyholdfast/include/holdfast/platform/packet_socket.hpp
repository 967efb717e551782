// holdfast/platform/packet_socket.hpp: packets to and from another process, with descriptors.
//
// Nothing here blocks. For Linux and Windows; empty elsewhere.
#pragma once

#include <holdfast/platform/packet_outcome.hpp>

#if defined(_WIN32)

#include <holdfast/platform/packet_memory_windows.hpp>

#elif defined(__linux__)

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/forced_unwind.hpp>

namespace holdfast::detail {

/// The host's end of the connection with a worker: a socket.
using packet_end = int;

/// Two connected sockets that keep packets apart, or that do not. False: there are none (errno).
inline bool make_sockets(bool of_packets, file_handle &one, file_handle &other) noexcept {
    int ends[2];
    const int type = of_packets ? SOCK_SEQPACKET : SOCK_STREAM;
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    one = file_handle(ends[0]);
    other = file_handle(ends[1]);
    return true;
}

/// Wakes a reader of a socket. If that is full, it is awake.
inline void send_byte(int socket) noexcept {
    const cancellation_held_off until_sent;
    (void)!::send(socket, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// How many descriptors this process may have.
inline std::size_t most_descriptors() noexcept {
    rlimit files{};
    return getrlimit(RLIMIT_NOFILE, &files) == 0 ? static_cast<std::size_t>(files.rlim_cur) : 0;
}

/// Whether there was no room because too many descriptors are under way between processes of this
/// user. These may be others' processes; they receive them soon.
inline bool is_crowded(const std::error_code &why) noexcept { return why.value() == ETOOMANYREFS; }

/// Sends one packet of two parts. The receiver gets copies of the descriptors.
/// \param why  there is no room: set if the outcome is packet_outcome::later.
inline packet_outcome send_packet(int socket, std::string_view head, std::string_view body,
                                  const std::vector<int> &descriptors, std::error_code &why) {
    iovec parts[] = {{const_cast<char *>(head.data()), head.size()},
                     {const_cast<char *>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    std::vector<char> passed;
    if (!descriptors.empty()) {
        const std::size_t size = descriptors.size() * sizeof(int);
        passed.resize(CMSG_SPACE(size));
        message.msg_control = passed.data();
        message.msg_controllen = static_cast<decltype(message.msg_controllen)>(passed.size());
        cmsghdr *const part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = static_cast<decltype(part->cmsg_len)>(CMSG_LEN(size));
        std::memcpy(CMSG_DATA(part), descriptors.data(), size);
    }
    ssize_t sent = 0;
    do {
        sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return packet_outcome::done;
    why.assign(errno, std::generic_category());
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ETOOMANYREFS
               ? packet_outcome::later
               : packet_outcome::broken;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"  // musl's macro compares a size with a distance
/// The part of a message after this one; null: it was the last.
inline cmsghdr *part_after(msghdr &message, cmsghdr *part) noexcept {
    return CMSG_NXTHDR(&message, part);
}
#pragma GCC diagnostic pop

/// Takes ownership of the descriptors that came with a packet. Returns the first.
inline file_handle passed_descriptor(msghdr &message) noexcept {
    file_handle first;
    for (cmsghdr *part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = part_after(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int descriptor = -1;
            std::memcpy(&descriptor, CMSG_DATA(part) + i * sizeof descriptor, sizeof descriptor);
            file_handle taken(descriptor);
            if (!first)
                first = std::move(taken);
        }
    }
    return first;
}

/// Receives one packet, and the first descriptor that came with it.
/// \param size  of the packet; 0 if it is empty, longer than `room`, or came with too many
///              descriptors.
inline packet_outcome receive_packet(int socket, char *to, std::size_t room, std::size_t &size,
                                     file_handle &passed) noexcept {
    alignas(cmsghdr) char descriptors[CMSG_SPACE(4 * sizeof(int))];
    iovec place{to, room};
    msghdr message{};
    message.msg_iov = &place;
    message.msg_iovlen = 1;
    message.msg_control = descriptors;
    message.msg_controllen = sizeof descriptors;
    ssize_t got = 0;
    do {
        got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? packet_outcome::later
                                                       : packet_outcome::broken;
    passed = passed_descriptor(message);
    if (got == 0) {  // an empty packet looks like the end of the connection
        size = 0;
        pollfd one{socket, POLLIN, 0};
        const bool is_open = poll(&one, 1, 0) >= 0 && (one.revents & (POLLHUP | POLLERR)) == 0;
        return is_open ? packet_outcome::done : packet_outcome::broken;
    }
    const bool whole = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
    size = whole ? static_cast<std::size_t>(got) : 0;
    return packet_outcome::done;
}

/// Whether a packet is there, even an empty one, and the other end is open.
inline bool has_packet(int socket) noexcept {
    pollfd one{socket, POLLIN, 0};
    return poll(&one, 1, 0) == 1 && one.revents == POLLIN;
}

}  // namespace holdfast::detail

#endif
