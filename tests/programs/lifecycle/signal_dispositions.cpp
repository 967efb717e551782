// Starting and finalizing Python does not change the host's handling of SIGINT, SIGPIPE and SIGTERM.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include <signal.h>

#include "check.hpp"
#include "run_python.hpp"

namespace {

void host_handler(int) {}

bool is_host_handler(int number) {
    struct sigaction now{};
    CHECK(sigaction(number, nullptr, &now) == 0);
    return now.sa_handler == &host_handler;
}

}  // namespace

int main() {
    struct sigaction ours{};
    ours.sa_handler = &host_handler;
    for (const int number : {SIGINT, SIGTERM, SIGPIPE})
        CHECK(sigaction(number, &ours, nullptr) == 0);
    for (int round = 0; round < 2; ++round) {
        holdfast::interpreter python;
        const auto unchanged = [] {
            return is_host_handler(SIGINT) && is_host_handler(SIGTERM) && is_host_handler(SIGPIPE);
        };
        CHECK(unchanged());
        std::thread([&] {
            const holdfast::attach_guard attached(python.view());
            run_python("import threading, signal");
        }).join();
        CHECK(unchanged());
        CHECK(python.finalize(std::chrono::seconds(5)));
        CHECK(unchanged());
    }
}
