// Each detached thread of holdfast's own runs, also if one before it ends while it is being detached.
// deadline: 60
#include <holdfast/holdfast.hpp>
#include <holdfast/platform/detached_thread.hpp>

#include <condition_variable>
#include <mutex>

#include "check.hpp"

int main() {
    constexpr int all = 3000;
    std::mutex mutex;
    std::condition_variable one_ran;
    int ran = 0;
    for (int i = 0; i < all; ++i)
        holdfast::detail::start_detached([&] {
            const std::lock_guard<std::mutex> hold(mutex);
            ++ran;
            one_ran.notify_one();
        });
    std::unique_lock<std::mutex> hold(mutex);
    one_ran.wait(hold, [&] { return ran == all; });
}
