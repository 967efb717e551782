// A process forks while its threads enter, leave, hold guards and drop references: the child finds every
// lock free, its own thread inside or not as it was, everybody else gone, and a gate that works.

#include <holdfast/attach/deferred.hpp>
#include <holdfast/process/shared_records.hpp>

#include <mutex>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "stress.hpp"

using namespace holdfast::detail;
using holdfast::call_site;
using holdfast::closed_reason;

namespace {

constexpr auto forever = std::chrono::steady_clock::time_point::max();

std::atomic<bool> stop{false};
std::atomic<std::uint64_t> admitted{0};

interpreter_record &record() { return process().main; }
interpreter_ref reference() { return {&record(), record().generation.load()}; }

void work(std::uint64_t seed, std::uint64_t thread_track) {
    stress::dice random(seed, thread_track);
    while (!stop.load(std::memory_order_relaxed)) {
        thread_slot &slot = *slot_for(*this_thread(), record());
        if (!record().door.enter(slot.entry, call_site::current())) {
            std::this_thread::yield();
            continue;
        }
        admitted.fetch_add(1, std::memory_order_relaxed);
        gate_entry guard;
        guard.is_guard = true;
        guard.thread_id = this_thread_ident();
        const bool guarded =
            random.once_in(4) && record().door.enter_linked(guard, true, call_site::current());
        if (random.once_in(8))
            drop_later(reference(), new PyObject);
        random.dawdle();
        record().door.leave(slot.entry);
        if (guarded)
            record().door.leave_linked(guard);
        if (random.once_in(100))
            std::thread([] { slot_for(*this_thread(), record()); }).join();
    }
}

/// A guard that another thread made, and that was moved to this one.
void take_foreign(gate_entry &guard) {
    std::thread([&] {
        guard.is_guard = true;
        guard.thread_id = this_thread_ident();
        MUST(record().door.enter_linked(guard, true, call_site::current()));
        record().door.disown(guard);
    }).join();
}

struct holdings {
    bool inside;
    bool own_guard;
    bool foreign_guard;
};

void expect_working_gate(gate &door) {
#if !defined(HOLDFAST_DETAIL_TSAN)  // it does not follow threads that a child starts
    for (int turn = 0; turn < 3; ++turn) {
        door.open();
        std::atomic<bool> is_in{false};
        std::thread newcomer([&] {
            thread_slot &slot = *slot_for(*this_thread(), record());
            MUST(door.enter(slot.entry, call_site::current()));
            is_in.store(true);
            while (door.is_open())
                std::this_thread::yield();
            door.leave(slot.entry);
        });
        while (!is_in.load())
            std::this_thread::yield();
        door.close(closed_reason::finalizing);
        MUST(door.wait_empty(forever));
        newcomer.join();
    }
#else
    door.close(closed_reason::finalizing);
    MUST(door.wait_empty(forever));
#endif
}

/// After fork() without Python's hooks: what was there is closed, also if the parent drained it.
closed_reason expected_in_child(closed_reason before) {
    switch (before) {
    case closed_reason::none:
    case closed_reason::finalizing:
        return closed_reason::forked_child;
    default:
        return before;
    }
}

[[noreturn]] void be_the_child(closed_reason before, holdings mine, gate_entry &own,
                               gate_entry &foreign) {
    gate &door = record().door;
    thread_slot &slot = *slot_for(*this_thread(), record());
    MUST(door.reason() == expected_in_child(before));
    MUST(record().state_before_fork ==
         static_cast<std::uint32_t>(before));  // what os.fork() restores
    const std::size_t kept = (mine.inside ? 1U : 0U) + (mine.own_guard ? 1U : 0U);
    MUST(door.count() == kept);
    MUST(door.has_guard_of(this_thread_ident()) == mine.own_guard);
    if (mine.foreign_guard)
        door.leave_linked(foreign);  // it went with the threads that are gone
    MUST(door.count() == kept);
    drop_later(reference(), new PyObject);
    MUST(process().claim_record(&own, 1, false, this_thread_ident()).is_ours);
    MUST(process().find_record(&stop) == &record());
    if (mine.inside)
        door.leave(slot.entry);
    if (mine.own_guard)
        door.leave_linked(own);
    MUST(door.count() == 0);
    expect_working_gate(door);
    _exit(0);
}

void fork_once(stress::dice &random) {
    gate &door = record().door;
    thread_slot &slot = *slot_for(*this_thread(), record());
    const holdings mine{random.once_in(2), random.once_in(3), random.once_in(3)};
    gate_entry own;
    gate_entry foreign;
    if (mine.inside)
        MUST(door.enter(slot.entry, call_site::current()));
    if (mine.own_guard) {
        own.is_guard = true;
        own.thread_id = this_thread_ident();
        MUST(door.enter_linked(own, false, call_site::current()));
    }
    if (mine.foreign_guard)
        take_foreign(foreign);
    if (random.once_in(4))
        door.close(random.once_in(2) ? closed_reason::finalizing : closed_reason::finalized);
    random.dawdle();

    const closed_reason before = door.reason();
    const pid_t child = fork();
    MUST(child >= 0);
    if (child == 0)
        be_the_child(before, mine, own, foreign);
    if (mine.inside)
        door.leave(slot.entry);
    if (mine.own_guard)
        door.leave_linked(own);
    if (mine.foreign_guard)
        door.leave_linked(foreign);
    int status = 0;
    MUST(waitpid(child, &status, 0) == child);
    MUST(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    door.open();
}

}  // namespace

int main(int argc, char **argv) {
    const stress::clock time(argc, argv);
    const std::uint64_t seed = stress::seed();
    stress::dice random(seed);
    process().open_record(record(), &stop);  // any address will do
    std::vector<std::thread> threads;
    for (std::uint64_t thread_track = 1; thread_track <= 2; ++thread_track)
        threads.emplace_back(work, seed, thread_track);

    unsigned long children = 0;
    while (!time.over()) {
        fork_once(random);
        ++children;
    }
    stop.store(true);
    for (std::thread &thread : threads)
        thread.join();
    MUST(record().door.count() == 0);
    process().retire_record(record());
    std::printf("%lu children, %llu admitted\n", children,
                static_cast<unsigned long long>(admitted.load()));
    return 0;
}
