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

#if defined(_WIN32)
#include <holdfast/platform/windows_processes.hpp>

extern "C" __declspec(dllimport) unsigned long __stdcall GetProcessIdOfThread(void *);
#endif

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

#if defined(_WIN32)
/// Empty: nothing is replaced.
fs::path tells_worker;

/// The host is killed when its worker exists, but does not run yet.
unsigned long __stdcall is_killed_first(void *thread) {
    if (tells_worker.empty())
        return holdfast::detail::windows_function<unsigned long __stdcall(void *)>(
            L"kernel32", "ResumeThread")(thread);
    std::ofstream(tells_worker) << GetProcessIdOfThread(thread);
    TerminateProcess(GetCurrentProcess(), 0);
    return 0;
}

/// It is in its job by then.
int __stdcall fails_to_assign(void *, void *) { std::_Exit(3); }

void is_killed_at_start(const fs::path &file) {
    tells_worker = file;
    holdfast::isolated_config config;
    config.workers = 1;
    holdfast::isolated_executor pool(config);
    std::this_thread::sleep_for(60s);
}

void check_killed_at_start(const std::string &program, const fs::path &folder) {
    const fs::path file = folder / "worker";
    CHECK(std::system((program + " at_start " + file.string()).c_str()) == 0);
    unsigned long worker = 0;
    std::ifstream(file) >> worker;
    CHECK(worker != 0);
    constexpr unsigned long synchronize = 0x100000;
    while (const holdfast::detail::file_handle process{OpenProcess(synchronize, 0, worker)})
        CHECK(WaitForSingleObject(process.get(), 30000) == 0);
}
#endif

}  // namespace

#if defined(_WIN32)
// In place of what the linker would take from the library of the system's DLL.
extern "C" {
auto *__imp_ResumeThread = &is_killed_first;
auto *__imp_AssignProcessToJobObject = &fails_to_assign;
}
#endif

int main(int argc, char **argv) {
#if defined(_WIN32)
    if (argc > 2) {
        is_killed_at_start(argv[2]);
        return 1;
    }
#endif
    if (argc > 1) {
        leave(argv[1]);
        return 1;
    }
    const scratch_folder folder;
#if defined(_WIN32)
    check_killed_at_start(argv[0], folder.path());
#endif
    std::ofstream(folder.path() / "app.py") << app;
    const std::string command = std::string(argv[0]) + ' ' + folder.path().string();
    CHECK(std::system(command.c_str()) == 0);
    CHECK(fs::exists(folder.path() / "alive"));
    do {  // until it no longer comes back
        fs::remove(folder.path() / "alive");
        std::this_thread::sleep_for(300ms);
    } while (fs::exists(folder.path() / "alive"));
}
