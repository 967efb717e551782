// isolated_executor: a worker that does not start fails tasks with HF335, in time, and the next task tries again.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using holdfast::function;

namespace {

const function<double(double, double)> add{"operator", "add"};

std::string start_failure(std::future<double> result) {
    CHECK(result.wait_for(30s) == std::future_status::ready);
    try {
        result.get();
    } catch (const holdfast::worker_error &problem) {
        CHECK(std::string(problem.code()) == "HF335");
        CHECK(problem.how() == holdfast::worker_end::start_failed);
        return problem.what();
    }
    return "it started";
}

/// Relative paths are meant from the folder that the host was in when it made the pool.
void check_other_folder(const scratch_folder &folder) {
    namespace fs = std::filesystem;
    std::ofstream(folder.path() / "where.py")
        << "import sys\ndef python(): return sys.executable\n";
    const function<std::string()> where{"where", "python"};
    holdfast::isolated_config config = with_workers(1, folder);
    const fs::path before = fs::current_path();
    fs::current_path(folder.path());
    {
        holdfast::isolated_executor pool(config);
        config.python = fs::path(pool.call(where)).lexically_relative(fs::current_path());
    }
    config.module_search_paths = {"."};
    config.tasks_per_worker = 1;
    holdfast::isolated_executor pool(config);
    fs::current_path(before);
    for (int task = 0; task < 4; ++task)  // more than there are workers now, with the spare
        CHECK(!pool.call(where).empty());
}

/// With too few descriptors, no worker is started: it would have others in place of its own.
void check_few_descriptors(const holdfast::isolated_config &config) {
    rlimit before{};
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit few{64, before.rlim_max};
    CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
    std::vector<int> used;
    for (int file = 0; (file = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
        used.push_back(file);
    for (bool works = false; !works;) {
        CHECK(!used.empty());
        close(used.back());
        used.pop_back();
        try {
            holdfast::isolated_executor pool(config);
            CHECK(pool.call(add, 1, 2) == 3);
            works = true;
        } catch (const std::system_error &) {
        } catch (const holdfast::worker_error &problem) {
            CHECK(contains(problem.what(), "Too many open files"));
        }
    }
    for (const int file : used)
        close(file);
    CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
}

}  // namespace

int main() {
    const scratch_folder folder;
    holdfast::isolated_config config = with_workers(2, folder);
    check_other_folder(folder);
    check_few_descriptors(config);
    {
        holdfast::isolated_config other = config;
        other.preload.assign(20000, "os.path");
        holdfast::isolated_executor pool(other);
        CHECK(contains(start_failure(pool.submit(add, 1, 2)), "bytes long"));
    }
    {
        holdfast::isolated_config other = config;
        other.python = "/no/such/python";
        holdfast::isolated_executor pool(other);
        CHECK(contains(start_failure(pool.submit(add, 1, 2)), "'/no/such/python' cannot be run"));
        CHECK_THROWS(holdfast::worker_error, pool.call(add, 1, 2));
    }
    {
        holdfast::isolated_config other = config;
        other.python = "/bin/true";
        holdfast::isolated_executor pool(other);
        CHECK(contains(start_failure(pool.submit(add, 1, 2)), "exited with status 0"));
    }
    config.preload = {"later"};
    {
        holdfast::isolated_executor pool(config);
        CHECK(contains(start_failure(pool.submit(add, 1, 2)), "No module named 'later'"));
        std::ofstream(folder.path() / "later.py") << "value = 5\n";
        CHECK(pool.submit(add, 1, 2).get() == 3);
        CHECK(pool.call(add, 1, 2) == 3);
    }
    config.preload = {"hangs"};
    config.start_limit = 300ms;
    std::ofstream(folder.path() / "hangs.py") << "import time\ntime.sleep(1000)\n";
    {
        holdfast::isolated_executor pool(config);
        CHECK(contains(start_failure(pool.submit(add, 1, 2)), "within 300 ms"));
    }
    holdfast::isolated_executor unused(config);  // ends although no worker is ready
}
