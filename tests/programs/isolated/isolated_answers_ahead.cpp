// isolated_executor: a worker may be far ahead of the host with answers that do not fit into the ring.
// deadline: 60
#include <holdfast/isolated.hpp>

#include <fstream>
#include <future>
#include <string>
#include <vector>

#include "check.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

namespace {

const char *const app = R"(
def text(size): return 'x' * size
)";

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    holdfast::isolated_executor pool(with_workers(2, folder));
    for (int round = 0; round < 20; ++round)
        for (const std::size_t size : {10UL, 20000UL, 100000UL}) {
            std::vector<std::future<std::string>> results;
            for (int i = 0; i < 200; ++i)
                results.push_back(pool.submit_named<std::string>("app", "text", size));
            for (std::future<std::string> &one : results)
                CHECK(one.get() == std::string(size, 'x'));
        }
    CHECK(pool.counters().workers_ended == 0);
}
