// isolated_executor: a task that answers after its limit, or because of it, is a deadline_error.
// deadline: 60
#include <holdfast/isolated.hpp>

#include <chrono>
#include <fstream>

#include "check.hpp"
#include "scratch_folder.hpp"
#include "thrown.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;

int main() {
    const scratch_folder folder;
    // The signal that asks for the Python stack ends the sleep: its remainder is no result.
    std::ofstream(folder.path() / "app.py") << R"(
import ctypes

def asleep():
    return ctypes.CDLL(None).sleep(1000)
)";
    holdfast::isolated_config config = with_workers(1, folder);
    config.preload = {"app"};
    config.limit = 50ms;
    holdfast::isolated_executor pool(config);
    const holdfast::function<int()> asleep("app", "asleep");
    for (int round = 0; round < 10; ++round) {
        CHECK(thrown_code<holdfast::deadline_error>([&] { pool.call(asleep); }) == "HF222");
        CHECK(thrown_code<holdfast::deadline_error>([&] { pool.submit(asleep).get(); }) == "HF222");
    }
    return 0;
}
