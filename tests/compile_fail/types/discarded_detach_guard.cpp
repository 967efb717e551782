// Without a name, a guard ends with its own line: the wait would be made attached.
#include <holdfast/holdfast.hpp>

#include <thread>

void wait_for(std::thread &worker) {
#ifdef FIXED
    const holdfast::detach_guard detached;
#else
    holdfast::detach_guard{};  // expect: ignoring .*detach_guard.*nodiscard
#endif
    worker.join();
}
