// A bounded queue, filled in all three ways, emptied by workers, idle now and then, closed at the end.
//
// What first() and last() write is a plain variable, which workers read: only the queue's promise that nobody
// works but between the two orders it, so ThreadSanitizer sees a worker that is let in too early or stays too
// long; without it, the assertions do. A wake-up that is lost is a hang: now and then two items in a row are
// only done when both are in hand, so a second worker must come for the second.

#include <holdfast/pools/queue.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "stress.hpp"

using holdfast::detail::bounded_queue;
using holdfast::detail::push_outcome;

namespace {

constexpr std::size_t capacity = 5;
constexpr int producer_count = 3;
constexpr int worker_count = 3;

struct item {
    int producer;
    std::uint64_t number;
    std::shared_ptr<std::atomic<int>> pair;  // null, or how many of two are in somebody's hand
};

struct world {
    explicit world(std::size_t arrivals) : queue(capacity, arrivals) {}

    bounded_queue<std::unique_ptr<item>> queue;
    bool kept = false;                  // between first() and last()
    std::atomic<bool> refusing{false};  // what an interpreter's gate would say
    std::atomic<std::uint64_t> pushed{0};
    std::atomic<std::uint64_t> taken{0};
    std::atomic<std::uint64_t> dropped{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> idle_seen{0};
};

/// Each producer's numbers rise, so they come out in that order, at least to one worker at a time.
void take(world &shared, std::unique_ptr<item> one, stress::dice &random,
          std::vector<std::uint64_t> &seen) {
    MUST(one != nullptr);
    MUST(shared.kept);
    const auto producer = static_cast<std::size_t>(one->producer);
    MUST(one->number > seen[producer]);
    seen[producer] = one->number;
    random.dawdle();
    if (one->pair != nullptr)
        for (one->pair->fetch_add(1); one->pair->load() < 2;)
            std::this_thread::yield();
    MUST(shared.kept);
    shared.taken.fetch_add(1, std::memory_order_relaxed);
}

void produce(world &shared, int id, std::uint64_t seed, const stress::clock &clock) {
    stress::dice random(seed, static_cast<std::uint64_t>(id));
    const auto first = [&] {
        MUST(!shared.kept);
        shared.kept = !shared.refusing.load(std::memory_order_relaxed);
        return shared.kept;
    };
    std::shared_ptr<std::atomic<int>> pair;
    for (std::uint64_t number = 1; !clock.over() || pair != nullptr; ++number) {
        const bool is_second = pair != nullptr;
        if (id == 0 && !is_second &&
            random.once_in(4))  // of one producer, so that no two firsts wait
            pair = std::make_shared<std::atomic<int>>(0);
        const auto mine = pair;
        auto one = std::make_unique<item>(item{id, number, mine});
        std::unique_ptr<item> oldest;
        push_outcome outcome = push_outcome::pushed;
        switch (random.next() % 3) {
        case 0:
            outcome = shared.queue.try_push(one, first);
            break;
        case 1:
            outcome = shared.queue.push(one, first);
            break;
        default:
            outcome = shared.queue.push_out(one, oldest, first);
            break;
        }
        MUST((one == nullptr) == (outcome == push_outcome::pushed));
        if (outcome == push_outcome::pushed)
            shared.pushed.fetch_add(1, std::memory_order_relaxed);
        if (outcome == push_outcome::refused)
            shared.refused.fetch_add(1, std::memory_order_relaxed);
        for (const auto *const lost : {&one, &oldest})
            if (*lost != nullptr && (*lost)->pair != nullptr)
                (*lost)->pair->fetch_add(1);
        if (oldest != nullptr)
            shared.dropped.fetch_add(1, std::memory_order_relaxed);
        MUST(outcome != push_outcome::closed);
        if (is_second)
            pair = nullptr;
        if (pair == nullptr && random.once_in(16)) {
            MUST(shared.queue.wait_idle(std::chrono::steady_clock::time_point::max()));
            shared.idle_seen.fetch_add(1, std::memory_order_relaxed);
        }
        random.dawdle();
    }
}

void work(world &shared, int id, std::uint64_t seed) {
    stress::dice random(seed, 100 + static_cast<std::uint64_t>(id));
    std::vector<std::uint64_t> seen(producer_count, 0);
    while (shared.queue.start()) {
        MUST(shared.kept);
        random.dawdle();  // waits to attach
        std::unique_ptr<item> one;
        bool more = shared.queue.arrive(one);
        for (std::uint64_t left = random.next() % 4; more; --left) {
            take(shared, std::move(one), random, seen);
            more = left > 0 && shared.queue.try_take(one);
        }
        shared.queue.finish([&] {
            MUST(shared.kept);
            shared.kept = false;
        });
    }
}

void run(std::uint64_t seed, std::size_t arrivals, const stress::clock &clock) {
    world shared(arrivals);
    std::vector<std::thread> producers;
    std::vector<std::thread> workers;
    for (int id = 0; id < worker_count; ++id)
        workers.emplace_back(work, std::ref(shared), id, seed);
    for (int id = 0; id < producer_count; ++id)
        producers.emplace_back(produce, std::ref(shared), id, seed, std::cref(clock));
    stress::dice random(seed, 1000);
    while (!clock.over()) {
        shared.refusing.store(random.once_in(2), std::memory_order_relaxed);
        std::this_thread::yield();
    }
    for (std::thread &producer : producers)
        producer.join();
    shared.queue.close();
    for (std::thread &worker : workers)
        worker.join();
    std::unique_ptr<item> late = std::make_unique<item>();
    MUST(shared.queue.try_push(late, [] { return true; }) == push_outcome::closed);
    MUST(!shared.kept);
    MUST(shared.pushed == shared.taken + shared.dropped);
    std::printf("arrivals %zu: pushed %llu, dropped %llu, refused %llu, idle %llu\n", arrivals,
                static_cast<unsigned long long>(shared.pushed.load()),
                static_cast<unsigned long long>(shared.dropped.load()),
                static_cast<unsigned long long>(shared.refused.load()),
                static_cast<unsigned long long>(shared.idle_seen.load()));
}

}  // namespace

int main(int argc, char **argv) {
    const std::uint64_t seed = stress::seed();
    const long milliseconds = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 1000;
    std::string half = std::to_string(milliseconds / 2);
    char *arguments[] = {argv[0], half.data()};
    for (const std::size_t arrivals : {std::size_t{1}, std::size_t{worker_count}}) {
        const stress::clock clock(2, arguments);
        run(seed, arrivals, clock);
    }
    return 0;
}
