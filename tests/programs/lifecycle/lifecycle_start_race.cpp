// If four threads construct an interpreter at once, one succeeds and the others get usage_error.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    for (int round = 0; round < 3; ++round) {
        std::atomic<int> ready{0};
        std::atomic<int> refused{0};
        std::atomic<int> won{0};
        event all_done;
        std::vector<std::thread> starters;
        for (int i = 0; i < 4; ++i)
            starters.emplace_back([&] {
                ready.fetch_add(1);
                while (ready.load() < 4)
                    std::this_thread::yield();
                try {
                    holdfast::interpreter python;
                    won.fetch_add(1);
                    if (won.load() + refused.load() == 4)
                        all_done.set();
                    all_done.wait();  // keep it running until the others have failed
                    const holdfast::attach_guard attached(python.view());
                    run_python("alive = True");
                } catch (const holdfast::usage_error &error) {
                    CHECK(std::string(error.code()) == "HF214");
                    if (refused.fetch_add(1) + 1 + won.load() == 4)
                        all_done.set();
                }
            });
        for (std::thread &starter : starters)
            starter.join();
        CHECK(won.load() == 1);
        CHECK(refused.load() == 3);
    }
}
