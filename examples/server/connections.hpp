// Counts the connections of the HTTP server, and ends them without losing a request.
#pragma once

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include <linux/filter.h>
#include <poll.h>
#include <sys/socket.h>

/// How many connections were accepted and not closed.
///
/// Threads: any.
using open_connections = std::atomic<unsigned>;

/// The HTTP server's threads. Each connection is one task of theirs.
class counting_threads : public httplib::TaskQueue {
public:
    counting_threads(unsigned threads, open_connections &open) : threads_(threads), open_(open) {}

    void enqueue(std::function<void()> serve) override {
        ++open_;
        threads_.enqueue([serve = std::move(serve), &open = open_] {
            serve();
            --open;
        });
    }
    void shutdown() override { threads_.shutdown(); }

private:
    httplib::ThreadPool threads_;
    open_connections &open_;
};

/// From now on the listening socket ignores who wants to connect. Closing it right away would reset
/// connections that the kernel has completed and the server has not accepted.
inline void ignore_new_clients(int listening) {
    constexpr unsigned flags = 13;  // of a TCP header
    constexpr unsigned syn = 0x02;
    constexpr unsigned ack = 0x10;
    sock_filter code[] = {
        {BPF_LD | BPF_B | BPF_ABS, 0, 0, flags}, {BPF_ALU | BPF_AND | BPF_K, 0, 0, syn | ack},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, syn},  {BPF_RET | BPF_K, 0, 0, 0},  // drop it
        {BPF_RET | BPF_K, 0, 0, 0xffffffff},
    };
    const sock_fprog program{sizeof code / sizeof code[0], code};
    setsockopt(listening, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/// Waits until every connection is closed, also those that are yet to be accepted.
///
/// \return how many are open when the limit has passed.
inline unsigned wait_for_connections(int listening, const open_connections &open,
                                     std::chrono::seconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    pollfd pending{listening, POLLIN, 0};
    // A connection that was just accepted is counted a moment later, so look more than once.
    for (int quiet = 0; quiet < 5 && std::chrono::steady_clock::now() < deadline;) {
        const bool is_quiet = open == 0 && poll(&pending, 1, 0) == 0;
        quiet = is_quiet ? quiet + 1 : 0;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return open;
}
