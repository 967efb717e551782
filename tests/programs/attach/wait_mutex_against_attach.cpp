// One thread locks a mutex and attaches, another is attached and locks it: with holdfast::mutex both continue.
#include <holdfast/attach/waits.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>

#include <mutex>
#include <thread>

#include "check.hpp"
#include "event.hpp"

int main() {
    holdfast::interpreter python;
    holdfast::mutex application;
    event has_mutex, is_attached;
    int entered = 0;

    std::thread first_mutex([&] {
        const std::lock_guard<holdfast::mutex> hold(application);
        has_mutex.set();
        is_attached.wait();
        const holdfast::attach_guard
            attached;  // the other one holds the GIL on its way to the mutex
        holdfast::exec("x = 1");
        ++entered;
    });
    std::thread first_attached([&] {
        has_mutex.wait();
        const holdfast::attach_guard attached;
        is_attached.set();
        const std::lock_guard<holdfast::mutex> hold(application);
        CHECK(holdfast::attached());
        holdfast::exec("x = 2");
        ++entered;
    });
    first_mutex.join();
    first_attached.join();
    CHECK(entered == 2);
    CHECK(python.finalize(std::chrono::seconds(5)));
}
