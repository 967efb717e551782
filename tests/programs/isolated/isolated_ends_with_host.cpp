// isolated_executor: workers end with the host, even if that runs no destructors.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "check.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// It shows in a file that it is alive.
const char *const app = R"(
import threading, time

def lives(path):
    def write():
        while True:
            open(path, "w").close()
            time.sleep(0.005)
    threading.Thread(target=write, daemon=True).start()
    time.sleep(1000)
)";

/// The host that ends: it leaves at once when its worker has begun.
void leave(const fs::path &folder) {
    holdfast::isolated_config config;
    config.workers = 1;
    config.module_search_paths = {folder};
    holdfast::isolated_executor pool(config);
    auto never = pool.submit_named<void>("app", "lives", (folder / "alive").string());
    while (!fs::exists(folder / "alive"))
        std::this_thread::sleep_for(1ms);
    std::_Exit(0);
}

}  // namespace

int main(int argc, char **argv) {
    if (argc > 1) {
        leave(argv[1]);
        return 1;
    }
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    const std::string command = std::string(argv[0]) + ' ' + folder.path().string();
    CHECK(std::system(command.c_str()) == 0);
    CHECK(fs::exists(folder.path() / "alive"));
    do {  // until it no longer comes back
        fs::remove(folder.path() / "alive");
        std::this_thread::sleep_for(300ms);
    } while (fs::exists(folder.path() / "alive"));
}
