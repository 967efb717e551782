// holdfast/isolated/message_ring.ipp: the bodies of message_ring.hpp.
#pragma once

#include <holdfast/isolated/message_ring.hpp>

#include <cstring>
#include <new>

namespace holdfast::detail {

inline constexpr std::uint32_t ring_mask = ring_size - 1;
inline constexpr std::uint32_t go_to_start = 0xFFFFFFFF;  // in place of a length

struct ring_head {
    std::uint32_t length;
    std::uint32_t flags;
    std::uint32_t number;
    std::uint32_t unused;
};
static_assert(sizeof(ring_head) == 16, "a head always fits before the ring's end");

/// With its head, a multiple of 16.
inline std::uint32_t size_in_ring(std::size_t length) noexcept {
    return static_cast<std::uint32_t>((sizeof(ring_head) + length + 15) / 16 * 16);
}

HOLDFAST_DETAIL_BODY void message_ring::open(void *memory) noexcept {
    static_assert(sizeof(ring_words) <= 4096 && std::atomic<std::uint32_t>::is_always_lock_free);
    words_ = new (memory) ring_words();
    requests_ = static_cast<char *>(memory) + 4096;
    answers_ = requests_ + ring_size;
}

HOLDFAST_DETAIL_BODY bool message_ring::put(std::uint32_t flags, std::string_view pickle,
                                            std::uint32_t &position) noexcept {
    const std::uint32_t size = size_in_ring(pickle.size());
    const std::uint32_t to_end = ring_size - (request_end_ & ring_mask);
    const std::uint32_t skipped = size > to_end ? to_end : 0;
    const std::uint32_t read = words_->request_begin.value.load(std::memory_order_acquire);
    if (request_end_ - read < request_end_ - read_before_)
        read_before_ = read;  // else it makes no sense
    if (request_end_ - read_before_ + skipped + size > ring_size)
        return false;
    if (skipped != 0) {
        const ring_head mark{go_to_start, 0, 0, 0};
        std::memcpy(requests_ + (request_end_ & ring_mask), &mark, sizeof mark);
        request_end_ += skipped;
    }
    char *const to = requests_ + (request_end_ & ring_mask);
    const ring_head head{static_cast<std::uint32_t>(pickle.size()), flags, 0, 0};
    std::memcpy(to, &head, sizeof head);
    if (!pickle.empty())
        std::memcpy(to + sizeof head, pickle.data(), pickle.size());
    position = request_end_;
    request_end_ += size;
    return true;
}

HOLDFAST_DETAIL_BODY bool message_ring::must_wake() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return words_->worker_sleeps.value.load(std::memory_order_relaxed) != 0 &&
           words_->worker_sleeps.value.exchange(0) != 0;
}

HOLDFAST_DETAIL_BODY bool message_ring::publish() noexcept {
    words_->request_end.value.store(request_end_, std::memory_order_release);
    return must_wake();
}

HOLDFAST_DETAIL_BODY bool message_ring::close() noexcept {
    words_->closing.value.store(1, std::memory_order_release);
    return must_wake();
}

HOLDFAST_DETAIL_BODY bool message_ring::take_back(std::uint32_t position, std::uint32_t number,
                                                  bool &must_wake_it) noexcept {
    words_->request_end.value.store(position, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const std::uint32_t running = words_->running.value.load(std::memory_order_relaxed);
    if (static_cast<std::int32_t>(running - number) < 0) {
        request_end_ = position;
        return true;
    }
    must_wake_it = publish();
    return false;
}

HOLDFAST_DETAIL_BODY std::uint32_t message_ring::take_back_all() noexcept {
    // At a distance that no request has: the worker begins nothing more.
    words_->request_end.value.store(request_end_ + 2 * ring_size, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return words_->running.value.load(std::memory_order_relaxed);
}

HOLDFAST_DETAIL_BODY void message_ring::interrupt(std::uint32_t number) noexcept {
    words_->interrupt.value.store(number, std::memory_order_release);
}

HOLDFAST_DETAIL_BODY bool message_ring::stop(std::uint32_t number) noexcept {
    words_->stop.value.store(number, std::memory_order_release);
    return must_wake();
}

HOLDFAST_DETAIL_BODY bool message_ring::hear(std::uint32_t number, std::uint32_t read,
                                             std::uint32_t returned,
                                             std::uint32_t verdict) noexcept {
    // The worker does not believe a count while it is about another request.
    if (words_->heard_for.value.load(std::memory_order_relaxed) != number) {
        words_->heard_for.value.store(0, std::memory_order_release);
        words_->heard.value.store(0, std::memory_order_release);
        words_->verdict.value.store(0, std::memory_order_release);
        words_->heard_for.value.store(number, std::memory_order_release);
    }
    words_->verdict.value.store(returned << 2U | verdict, std::memory_order_release);
    words_->heard.value.store(read, std::memory_order_release);
    return must_wake();
}

HOLDFAST_DETAIL_BODY message_ring::outcome message_ring::take(ring_entry &answer) {
    const std::uint32_t end = words_->answer_end.value.load(std::memory_order_acquire);
    for (;;) {
        const std::uint32_t there = end - answer_begin_;
        if (there == 0)
            return outcome::nothing;
        const std::uint32_t offset = answer_begin_ & ring_mask;
        if (there > ring_size || there % 16 != 0)
            return outcome::malformed;
        ring_head head{};
        std::memcpy(&head, answers_ + offset, sizeof head);
        if (head.length == go_to_start) {
            if (ring_size - offset > there)
                return outcome::malformed;
            answer_begin_ += ring_size - offset;
            continue;
        }
        const std::uint32_t size =
            head.length > most_in_ring ? ring_size : size_in_ring(head.length);
        if (head.length > most_in_ring || size > there || size > ring_size - offset)
            return outcome::malformed;
        answer.number = head.number;
        answer.flags = head.flags;
        answer.pickle.assign(answers_ + offset + sizeof head, head.length);
        answer_begin_ += size;
        words_->answer_begin.value.store(answer_begin_, std::memory_order_release);
        return outcome::taken;
    }
}

HOLDFAST_DETAIL_BODY bool message_ring::sleep(std::uint32_t bell) noexcept {
    words_->host_sleeps.value.store(bell, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return words_->answer_end.value.load(std::memory_order_relaxed) == answer_begin_;
}

}  // namespace holdfast::detail
