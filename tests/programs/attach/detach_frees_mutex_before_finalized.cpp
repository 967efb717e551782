// A worker that blocks in native code with a mutex locked unlocks it before finalize() returns.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <mutex>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    std::mutex application;
    event holding;
    event go;

    std::thread worker([&] {
        const holdfast::attach_guard attached(python.view());
        const std::lock_guard<std::mutex> hold(application);
        {
            const holdfast::detach_guard detached;
            holding.set();
            go.wait();
        }
        run_python("done = True");
    });
    holding.wait();
    std::thread waker([&] {
        while (python.view().reason() != holdfast::closed_reason::finalizing)
            std::this_thread::yield();
        go.set();
    });
    CHECK(python.finalize(std::chrono::seconds(10)));
    CHECK(application.try_lock());
    application.unlock();
    waker.join();
    worker.join();
}
