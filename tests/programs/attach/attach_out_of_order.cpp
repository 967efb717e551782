// Debug builds abort with HF213 if guards end out of order, or guards or locks end on another thread.
// flags: -DHOLDFAST_DEBUG=1
// short-run: no
#include <holdfast/attach/shared_mutex.hpp>
#include <holdfast/attach/waits.hpp>
#include <holdfast/interpreter.hpp>

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "own_child.hpp"

namespace {

void cross() {
    holdfast::interpreter python;
    auto older = std::make_unique<holdfast::attach_guard>(python.view());
    auto younger = std::make_unique<holdfast::attach_guard>(python.view());
    older.reset();
}

void end_on_another_thread() {
    holdfast::interpreter python;
    auto guard = std::make_unique<holdfast::attach_guard>(python.view());
    std::thread([&] { guard.reset(); }).join();
}

void unlock_on_another_thread() {
    holdfast::mutex lock;
    lock.lock();
    std::thread([&] { lock.unlock(); }).join();
}

void unlock_what_is_not_locked() {
    holdfast::mutex lock;
    lock.unlock();
}

void unlock_a_reader() {
    holdfast::shared_mutex shared;
    const std::shared_lock<holdfast::shared_mutex> reader(shared);
    shared.unlock();
}

}  // namespace

int main(int argc, char **argv) {
    const own_children children(argc, argv,
                                {&cross, &end_on_another_thread, &unlock_on_another_thread,
                                 &unlock_what_is_not_locked, &unlock_a_reader});
    for (std::size_t body = 0; body < 5; ++body) {
        const std::string said = children.said_by_body(body, aborted);
        CHECK(contains(said, "HF213"));
        CHECK(contains(said, "do: "));
    }

    holdfast::mutex lock;
    holdfast::shared_mutex shared;
    {
        const std::lock_guard<holdfast::mutex> in_order(lock);
        const std::lock_guard<holdfast::shared_mutex> alone(shared);
    }

    holdfast::interpreter python;  // in order, nothing is said
    const holdfast::attach_guard older(python.view());
    const holdfast::attach_guard younger;
    // Each caller says whether it checks: a file compiled without the check may end its own guard
    // out of order, between guards of files compiled with it.
    auto unchecked = std::make_unique<holdfast::attach_guard>(
        python.view(), holdfast::call_site::at(__FILE__, __LINE__));
    const holdfast::attach_guard youngest;
    unchecked.reset();
}
