// A thread that ends while it is inside is no longer waited for, and the waiting thread is told.

#include <holdfast/process/shared_records.hpp>

#include "stress.hpp"

using namespace holdfast::detail;
using holdfast::call_site;

int main() {
    interpreter_record &record = process().main;
    process().open_record(record, &record);  // any address will do
    std::atomic<bool> inside{false};
    std::atomic<bool> may_end{false};
    std::thread worker([&] {
        thread_slot &slot = *slot_for(*this_thread(), record);
        MUST(record.door.enter(slot.entry, call_site::current()));
        inside.store(true);
        while (!may_end.load())
            std::this_thread::yield();
    });  // as pthread_exit() ends it in the middle of a call, without unwinding
    while (!inside.load())
        std::this_thread::yield();
    record.door.close(holdfast::closed_reason::finalizing);
    std::thread closer(
        [&] { MUST(record.door.wait_empty(std::chrono::steady_clock::time_point::max())); });
    for (int turn = 0; turn < 1000;
         ++turn)  // lets the closer fall asleep; the promise holds either way
        std::this_thread::yield();
    usleep(50'000);
    may_end.store(true);
    worker.join();
    closer.join();
    return 0;
}
