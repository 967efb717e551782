// One gate, opened and closed in a loop, while threads enter, leave, and hand guards to each other.
//
// What the threads inside read is a plain variable: only the gate orders it with the closer's writes,
// so ThreadSanitizer sees every thread that slips through; without it, the assertions do.

#include <holdfast/gate/gate.hpp>

#include <memory>
#include <mutex>
#include <vector>

#include "stress.hpp"

using holdfast::call_site;
using holdfast::closed_reason;
using holdfast::detail::gate;
using holdfast::detail::gate_entry;

namespace {

constexpr int worker_count = 3;
constexpr std::uint64_t dead_bit = 1;

struct world {
    gate door;
    std::atomic<bool> stop{false};
    std::uint64_t interpreter = dead_bit;  // even: alive. Written by the closer, while it is empty
    std::atomic<std::uint64_t> copy{dead_bit};  // the same, for a look that is no data race
    std::mutex hand;                            // guards `handed`
    std::vector<std::unique_ptr<gate_entry>> handed;
    std::atomic<std::uint64_t> admitted{0};
};

void use(world &shared, stress::dice &random) {
    MUST((shared.copy.load(std::memory_order_relaxed) & dead_bit) == 0);
    const std::uint64_t before = shared.interpreter;
    random.dawdle();
    MUST((shared.copy.load(std::memory_order_relaxed) & dead_bit) == 0);
    MUST(shared.interpreter == before);
}

std::unique_ptr<gate_entry> take_handed(world &shared) {
    const std::lock_guard<std::mutex> hold(shared.hand);
    if (shared.handed.empty())
        return nullptr;
    std::unique_ptr<gate_entry> guard = std::move(shared.handed.back());
    shared.handed.pop_back();
    return guard;
}

/// Inside: makes a guard, even if the gate is closed, with which another thread can enter.
void hand_over(world &shared) {
    auto guard = std::make_unique<gate_entry>();
    guard->is_guard = true;
    MUST(shared.door.enter_linked(*guard, true, call_site::current()));
    const std::lock_guard<std::mutex> hold(shared.hand);
    shared.handed.push_back(std::move(guard));
}

void come_in_by(world &shared, gate_entry &entry, gate_entry &guard, stress::dice &random) {
    shared.door.enter_always(entry, call_site::current());
    use(shared, random);
    if (random.once_in(2)) {  // whichever of the two leaves last is the one that is waited for
        shared.door.leave(entry);
        use(shared, random);
        shared.door.leave_linked(guard);
    } else {
        shared.door.leave_linked(guard);
        use(shared, random);
        shared.door.leave(entry);
    }
}

/// Reads what a report reads, at any time.
void look_on(const gate &door) {
    std::size_t named = 0;
    door.for_each_inside([&](const gate_entry &entry) {
        named += entry.file_.load(std::memory_order_relaxed) != nullptr ? 1 : 0;
    });
    MUST(named < 1'000'000 && !door.has_guard_of(1));
}

void work(world &shared, std::uint64_t seed, std::uint64_t thread_track) {
    stress::dice random(seed, thread_track);
    gate_entry entry;
    shared.door.link(entry);
    while (!shared.stop.load(std::memory_order_relaxed)) {
        if (random.once_in(200)) {
            shared.door.unlink(entry);
            shared.door.link(entry);
            look_on(shared.door);
        }
        const bool admitted = shared.door.enter(entry, call_site::current());
        if (admitted) {
            use(shared, random);
            if (random.once_in(20))
                hand_over(shared);
            shared.admitted.fetch_add(1, std::memory_order_relaxed);
            shared.door.leave(entry);
        }
        if (const auto guard = take_handed(shared))
            come_in_by(shared, entry, *guard, random);
        else if (!admitted)
            std::this_thread::yield();
    }
    shared.door.unlink(entry);
}

/// Closes the gate and waits until it is empty. False: the limit passed first.
bool drain(world &shared, stress::dice &random) {
    shared.door.close(closed_reason::finalizing);
    MUST(!shared.door.is_open());
    constexpr auto forever = std::chrono::steady_clock::time_point::max();
    if (random.once_in(4))
        return shared.door.wait_empty(std::chrono::steady_clock::now() +
                                      std::chrono::microseconds(random.next() % 50));
    MUST(shared.door.wait_empty(forever));
    return true;
}

}  // namespace

int main(int argc, char **argv) {
    const stress::clock time(argc, argv);
    const std::uint64_t seed = stress::seed();
    stress::dice random(seed);
    world shared;
    std::vector<std::thread> threads;
    for (std::uint64_t thread_track = 1; thread_track <= worker_count; ++thread_track)
        threads.emplace_back([&shared, seed, thread_track] { work(shared, seed, thread_track); });

    unsigned long drained = 0;
    unsigned long gave_up = 0;
    while (!time.over()) {
        const std::uint64_t alive = (shared.interpreter | dead_bit) + 1;
        shared.interpreter = alive;
        shared.copy.store(alive, std::memory_order_relaxed);
        shared.door.open();
        const std::uint64_t before = shared.admitted.load(std::memory_order_relaxed);
        while (shared.admitted.load(std::memory_order_relaxed) == before)
            std::this_thread::yield();
        random.dawdle();
        while (!drain(shared, random)) {
            ++gave_up;
            shared.door.open();
            random.dawdle();
        }
        ++drained;
        shared.copy.store(alive | dead_bit, std::memory_order_relaxed);
        shared.interpreter = alive | dead_bit;
        random.dawdle();
    }
    shared.stop.store(true);
    for (std::thread &thread : threads)
        thread.join();
    MUST(shared.handed.empty() && shared.door.count() == 0);
    std::printf("%s barriers, %lu drained, %lu limits passed, %llu admitted\n",
                holdfast::detail::barriers_are_asymmetric() ? "asymmetric" : "symmetric", drained,
                gave_up, static_cast<unsigned long long>(shared.admitted.load()));
    return 0;
}
