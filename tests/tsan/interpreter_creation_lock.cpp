// Threads that take turns: with and without waiting, again while they have it, with a limit that may pass.
//
// `guarded` is a plain variable: only the turn orders it, so ThreadSanitizer sees two that have it at a time;
// without it, the assertions do. A wake-up that is lost is a hang.

#include <holdfast/lifecycle/interpreter_creation_lock.hpp>

#include <vector>

#include "stress.hpp"

using holdfast::detail::interpreter_creation_lock;

namespace {

constexpr int thread_count = 4;

struct world {
    int guarded = 0;  // 0: nobody has the turn, else who
    std::atomic<std::uint64_t> turns{0};
    std::atomic<std::uint64_t> refused{0};
};

void use(world &shared, int self, stress::dice &random, int depth) {
    MUST(shared.guarded == (depth == 0 ? 0 : self));
    shared.guarded = self;
    random.dawdle();
    if (depth < 2 && random.once_in(3)) {
        interpreter_creation_lock again;
        MUST(again.try_take());
        use(shared, self, random, depth + 1);
    }
    MUST(shared.guarded == self);
    if (depth == 0)
        shared.guarded = 0;
    shared.turns.fetch_add(1, std::memory_order_relaxed);
}

void take_turns(world &shared, int self, std::uint64_t seed, const stress::clock &clock) {
    stress::dice random(seed, static_cast<std::uint64_t>(self));
    while (!clock.over()) {
        interpreter_creation_lock mine;
        const auto now = std::chrono::steady_clock::now();
        bool taken = false;
        if (random.once_in(3))
            taken = mine.try_take();
        else if (random.once_in(2))
            taken = mine.take(now + std::chrono::microseconds(random.next() % 200));
        else
            taken = mine.take(std::chrono::steady_clock::time_point::max());
        if (taken)
            use(shared, self, random, 0);
        else
            shared.refused.fetch_add(1, std::memory_order_relaxed);
    }
}

}  // namespace

int main(int argc, char **argv) {
    const stress::clock clock(argc, argv);
    const std::uint64_t seed = stress::seed();
    world shared;
    std::vector<std::thread> threads;
    for (int self = 1; self <= thread_count; ++self)
        threads.emplace_back([&, self] { take_turns(shared, self, seed, clock); });
    for (std::thread &one : threads)
        one.join();
    interpreter_creation_lock last;
    MUST(last.try_take());
    MUST(shared.guarded == 0);
    std::printf("%llu turns, %llu refused\n", static_cast<unsigned long long>(shared.turns.load()),
                static_cast<unsigned long long>(shared.refused.load()));
}
