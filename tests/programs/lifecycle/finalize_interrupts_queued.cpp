// finalize() with interrupt_after refuses threads that are queued to attach, and interrupts those that got in.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "check.hpp"
#include "event.hpp"

using namespace std::chrono_literals;

int main() {
    constexpr int queued = 8;
    holdfast::interpreter python;
    event held;
    event let_go;
    std::thread holder([&] {
        const holdfast::attach_guard attached;
        held.set();
        let_go.wait();  // attached: on a build with a GIL nobody else gets in
    });
    held.wait();
    std::atomic<int> refused{0};
    std::atomic<int> interrupted{0};
    std::vector<std::thread> workers;
    for (int id = 0; id < queued; ++id)
        workers.emplace_back([&] {
            try {
                holdfast::exec("while True: pass");
            } catch (const holdfast::closed_error &error) {
                CHECK(error.reason() == holdfast::closed_reason::finalizing);
                ++refused;
            } catch (const holdfast::python_error &error) {
                CHECK(error.type() == "holdfast.Interrupted");
                ++interrupted;
            }
        });
    holdfast::detail::gate &door = python.view().ref().record->door;
    while (door.count() < queued + 1)
        std::this_thread::yield();
    std::thread releases([&] {
        for (int told = 0; told < queued + 1; std::this_thread::yield()) {
            told = 0;
            door.for_each_inside([&](const holdfast::detail::gate_entry &entry) {
                told += entry.interrupted_.load() ? 1 : 0;
            });
        }
        let_go.set();
    });
    const holdfast::finalize_report report = python.finalize(30s, holdfast::interrupt_after{0ms});
    releases.join();
    holder.join();
    for (std::thread &worker : workers)
        worker.join();
    CHECK(report);
    CHECK(refused + interrupted == queued);
#if HOLDFAST_HAS_FREE_THREADING == 0
    CHECK(refused == queued);  // told while they waited: none of them has begun anything
#endif
}
