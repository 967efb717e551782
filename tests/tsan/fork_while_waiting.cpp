// A process forks while one of its threads waits for a gate to empty: the child's gate can be waited for
// again. What the condition variable remembers of the parent's waiter would let the child hang.

#include <holdfast/process/shared_records.hpp>

#include <sys/wait.h>

#include "stress.hpp"

using namespace holdfast::detail;
using holdfast::call_site;

namespace {

constexpr auto forever = std::chrono::steady_clock::time_point::max();

void enter_and_leave_while_somebody_waits(interpreter_record &record) {
    gate &door = record.door;
    door.open();
    std::atomic<bool> inside{false};
    std::thread worker([&] {
        thread_slot &slot = *slot_for(*this_thread(), record);
        MUST(door.enter(slot.entry, call_site::current()));
        inside.store(true);
        usleep(1000);  // the other one most likely sleeps by then; the promise holds either way
        door.leave(slot.entry);
    });
    while (!inside.load())
        std::this_thread::yield();
    door.close(holdfast::closed_reason::finalizing);
    MUST(door.wait_empty(forever));
    worker.join();
}

}  // namespace

int main() {
    interpreter_record &record = process().main;
    gate &door = record.door;
    process().open_record(record, &record);  // any address will do
    for (int round = 0; round < 10; ++round) {
        door.open();
        thread_slot &mine = *slot_for(*this_thread(), record);
        MUST(door.enter(mine.entry, call_site::current()));
        gate_entry guard;
        MUST(door.enter_linked(guard, false, call_site::current()));
        door.close(holdfast::closed_reason::finalizing);
        std::thread waiter([&] { MUST(door.wait_empty(forever)); });
        usleep(2000);
        door.leave_linked(guard);  // wakes it, for nothing
        const pid_t child = fork();
        MUST(child >= 0);
        if (child == 0) {
            door.leave(mine.entry);
            for (int turn = 0; turn < 8; ++turn)
                enter_and_leave_while_somebody_waits(record);
            _exit(0);
        }
        door.leave(mine.entry);
        waiter.join();
        int status = 0;
        MUST(waitpid(child, &status, 0) == child);
        MUST(status == 0);
    }
    return 0;
}
