// Two threads take two locks in opposite order and never end: the harness must report a hang.
// precompiled: no
#include <cstdio>
#include <future>
#include <mutex>
#include <thread>

int main() {
    std::mutex first, second;
    std::promise<void> has_first, has_second;

    std::thread other([&] {
        const std::lock_guard hold(second);
        has_second.set_value();
        has_first.get_future().wait();
        const std::lock_guard never(first);
    });
    const std::lock_guard hold(first);
    has_first.set_value();
    has_second.get_future().wait();
    std::puts("both threads wait");
    std::fflush(stdout);
    const std::lock_guard never(second);
    other.join();
}
