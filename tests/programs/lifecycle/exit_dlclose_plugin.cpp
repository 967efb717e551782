// A plug-in that uses holdfast stays mapped after dlclose() as long as its threads live.
// shared: exit_dlclose_plugin_library.cpp
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "loaded_library.hpp"

int main() {
    holdfast::interpreter python;
    for (int round = 0; round < 3; ++round) {
        void *const plugin = load_library("exit_dlclose_plugin_library");
        auto *const start = symbol_of<void()>(plugin, "plugin_start");
        auto *const stop = symbol_of<int()>(plugin, "plugin_stop");
        auto *const call = symbol_of<void()>(plugin, "plugin_call");
        start();
        std::thread(
            [&] {  // a thread of the host's, which the plugin attached, ends after the dlclose
                call();
                unload_library(plugin);
            })
            .join();
        CHECK(stop() > 0);  // runs the plugin's code, and its threads run their exit hooks
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
