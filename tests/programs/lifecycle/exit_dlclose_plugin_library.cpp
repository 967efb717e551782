// The plug-in of exit_dlclose_plugin: two threads that call Python until they are told to stop.
#include <holdfast/thread_state.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "run_python.hpp"

namespace {

std::atomic<bool> stop{false};
std::atomic<int> calls{0};
std::vector<std::thread> threads;

}  // namespace

extern "C" {

__attribute__((visibility("default"))) void plugin_start();
__attribute__((visibility("default"))) int plugin_stop();
__attribute__((visibility("default"))) void plugin_call();

void plugin_start() {
    stop.store(false);
    for (int i = 0; i < 2; ++i)
        threads.emplace_back([] {
            do {
                const holdfast::attach_guard attached(holdfast::main_view());
                run_python("x = 1");
                calls.fetch_add(1);
            } while (!stop.load());
        });
    while (calls.load() < 2)
        std::this_thread::yield();
}

void plugin_call() {
    const holdfast::attach_guard attached(holdfast::main_view());
    run_python("x = 1");
}

int plugin_stop() {
    stop.store(true);
    for (std::thread &thread : threads)
        thread.join();
    threads.clear();
    return calls.load();
}

}  // extern "C"
