// Debug builds abort with HF213 if guards end out of order, or guards or locks end on another thread.
// flags: -DHOLDFAST_DEBUG=1
#include <holdfast/attach/shared_mutex.hpp>
#include <holdfast/attach/waits.hpp>
#include <holdfast/interpreter.hpp>

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "contains.hpp"

namespace {

/// What a child process says on stderr before `action` aborts it.
template <class Action>
std::string last_words(Action &&action) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    const pid_t child = fork();  // before Python starts: each child starts its own
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        action();
        _exit(0);
    }
    close(ends[1]);
    std::string said;
    char part[256];
    for (ssize_t size = 0; (size = read(ends[0], part, sizeof part)) > 0;)
        said.append(part, static_cast<std::size_t>(size));
    close(ends[0]);
    CHECK(status_of(child) == -SIGABRT);
    return said;
}

}  // namespace

int main() {
    const std::string crossed = last_words([] {
        holdfast::interpreter python;
        auto older = std::make_unique<holdfast::attach_guard>(python.view());
        auto younger = std::make_unique<holdfast::attach_guard>(python.view());
        older.reset();
    });
    CHECK(contains(crossed, "HF213"));
    CHECK(contains(crossed, "do: "));

    const std::string moved = last_words([] {
        holdfast::interpreter python;
        auto guard = std::make_unique<holdfast::attach_guard>(python.view());
        std::thread([&] { guard.reset(); }).join();
    });
    CHECK(contains(moved, "HF213"));

    holdfast::mutex lock;
    const std::string unlocked = last_words([&] {
        lock.lock();
        std::thread([&] { lock.unlock(); }).join();
    });
    CHECK(contains(unlocked, "HF213") && contains(unlocked, "do: "));
    CHECK(contains(last_words([&] { lock.unlock(); }), "HF213"));
    holdfast::shared_mutex shared;
    CHECK(last_words([&] {
              const std::shared_lock<holdfast::shared_mutex> reader(shared);
              shared.unlock();
          }).find("HF213") != std::string::npos);
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
