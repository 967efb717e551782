// isolated_executor: a worker opens no more files than it may, and starts no process if it must not, but threads.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <fstream>
#include <string>

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using holdfast::function;

namespace {

const char *const app = R"(
import errno, os, subprocess, sys, threading

def open_many(count):
    kept = []
    try:
        for _ in range(count): kept.append(open(os.devnull))
    except OSError as problem:
        return errno.errorcode[problem.errno]
    return "opened"
def spawn(how):
    try:
        if how == "fork":
            if os.fork() == 0: os._exit(0)
            os.wait()
        elif how == "system":
            return str(os.system("true"))
        elif how == "spawn":
            os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
        else:
            subprocess.run([sys.executable, "-c", ""], check=True)
    except OSError as problem:
        return errno.errorcode[problem.errno]
    return "started"
def thread():
    made = []
    one = threading.Thread(target=made.append, args=(1,))
    one.start()
    one.join()
    return len(made)
)";

const function<std::string(int)> open_many{"app", "open_many"};
const function<std::string(std::string)> spawn{"app", "spawn"};
const function<int()> thread{"app", "thread"};

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    holdfast::isolated_config config = with_workers(1, folder);
    {
        holdfast::isolated_executor pool(config);
        CHECK(pool.call(open_many, 100) == "opened");
        for (const char *const how : {"fork", "spawn", "subprocess"})
            CHECK(pool.call(spawn, how) == "started");
    }
    config.open_files = 64;
    config.may_start_processes = false;
    holdfast::isolated_executor pool(config);
    CHECK(pool.call(open_many, 20) == "opened");
    CHECK(pool.call(open_many, 100) == "EMFILE");
    for (const char *const how : {"fork", "spawn", "subprocess"})
        CHECK(pool.call(spawn, how) == "EPERM");
    CHECK(pool.call(spawn, "system") != "0");
    CHECK(pool.call(thread) == 1);
}
