// A plug-in that uses holdfast stays mapped after dlclose() as long as its threads live.
// shared: exit_dlclose_plugin_library.cpp
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include <dlfcn.h>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    for (int round = 0; round < 3; ++round) {
        void *const plugin =
            dlopen(check::library("exit_dlclose_plugin_library.so").c_str(), RTLD_NOW | RTLD_LOCAL);
        CHECK(plugin != nullptr);
        using start_function = void (*)();
        using stop_function = int (*)();
        const auto start = reinterpret_cast<start_function>(dlsym(plugin, "plugin_start"));
        const auto stop = reinterpret_cast<stop_function>(dlsym(plugin, "plugin_stop"));
        const auto call = reinterpret_cast<start_function>(dlsym(plugin, "plugin_call"));
        CHECK(start != nullptr && stop != nullptr && call != nullptr);
        start();
        std::thread(
            [&] {  // a thread of the host's, which the plugin attached, ends after the dlclose
                call();
                CHECK(dlclose(plugin) == 0);
            })
            .join();
        CHECK(stop() > 0);  // runs the plugin's code, and its threads run their exit hooks
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
