// isolated_executor: a worker inherits no descriptor, signal setting or variable, and none outlives a killed host.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;

namespace {

const char *const app = R"(
import os, signal

def files():
    return sorted(os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")
                  if os.path.exists(f"/proc/self/fd/{n}"))
def numbers():
    return sorted(int(n) for n in os.listdir("/proc/self/fd"))
def signals():
    text = open("/proc/self/status").read()
    return [text.split(name + ":")[1].split()[0] for name in ("SigBlk", "SigIgn")]
def variables(): return dict(os.environ)
)";

void check_worker(const scratch_folder &folder) {
    // Everything that a child could inherit.
    CHECK(open((folder.path() / "secret").c_str(), O_RDWR | O_CREAT, 0600) >= 0);
    CHECK(fcntl(0, F_DUPFD, 100) == 100);
    CHECK(setenv("SECRET", "1", 1) == 0 && setenv("PASSED", "2", 1) == 0);
    CHECK(setenv("PYTHONPATH", "/nowhere", 1) == 0);
    std::signal(SIGTERM, SIG_IGN);
    std::signal(SIGCHLD, SIG_DFL);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, nullptr);

    holdfast::isolated_config config = with_workers(2, folder);
    config.environment = {"PASSED", "NAMED=3"};
    holdfast::isolated_executor pool(config);
    const auto files = pool.submit_named<std::vector<std::string>>("app", "files").get();
    for (const std::string &file : files)
        CHECK(file.find("secret") == std::string::npos);
    // Its three standard ones, its socket, two files in memory, three bells, a copy that mmap keeps, and
    // the folder that it lists.
    const auto numbers = pool.submit_named<std::vector<int>>("app", "numbers").get();
    CHECK(numbers.size() <= 11);
    const auto signals = pool.submit_named<std::vector<std::string>>("app", "signals").get();
    CHECK(signals[0] == "0000000000000000");
    const unsigned long ignored = std::stoul(signals[1], nullptr, 16);
    CHECK((ignored & (1UL << (SIGTERM - 1))) == 0);
    auto variables =
        pool.submit_named<std::map<std::string, std::string>>("app", "variables").get();
    CHECK(variables.count("SECRET") == 0 && variables.count("PYTHONPATH") == 0);
    CHECK(variables["PASSED"] == "2" && variables["NAMED"] == "3");
}

/// A host that is killed, whatever its workers do then.
void check_host_is_killed() {
    int pipe_ends[2];
    CHECK(pipe(pipe_ends) == 0);
    const pid_t host = fork();
    CHECK(host >= 0);
    if (host == 0) {
        holdfast::isolated_config config;
        config.workers = 2;
        holdfast::isolated_executor pool(config);
        const holdfast::function<int()> process{"os", "getpid"};
        std::vector<int> all;
        while (all.size() < 2) {  // both
            const int one = pool.call(process);
            if (std::find(all.begin(), all.end(), one) == all.end())
                all.push_back(one);
            else
                pool.submit_named<void>("time", "sleep", 0.001);
        }
        CHECK(write(pipe_ends[1], all.data(), 2 * sizeof(int)) == 2 * sizeof(int));
        // One is stuck in C, and holds its GIL.
        pool.submit_named<long>("builtins", "sum", std::vector<int>(1000, 1)).get();
        (void)pool.submit_named<double>("math", "factorial", 10000000);
        pause();
    }
    int workers[2];
    CHECK(read(pipe_ends[0], workers, sizeof workers) == sizeof workers);
    std::vector<pollfd> watched;
    for (const int one : workers)
        watched.push_back({static_cast<int>(syscall(SYS_pidfd_open, one, 0)), POLLIN, 0});
    CHECK(kill(host, SIGKILL) == 0 && status_of(host) == -SIGKILL);
    for (pollfd &one : watched)
        CHECK(one.fd < 0 || poll(&one, 1, 20000) == 1);  // -1: it was gone by then
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    check_host_is_killed();
    check_worker(folder);
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1 &&
          errno == ECHILD);  // no child is left, and no zombie
}
