// isolated_executor: a worker that does not start fails tasks with HF335, in time, and the next task tries again.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"

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

}  // namespace

int main() {
    const scratch_folder folder;
    holdfast::isolated_config config;
    config.workers = 2;
    config.module_search_paths = {folder.path()};
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
