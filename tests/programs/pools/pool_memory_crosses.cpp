// C++ memory goes through both kinds of pool without a copy, and lives until the task is done.
#include <holdfast/buffer.hpp>
#include <holdfast/holdfast.hpp>

#include <fstream>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "check.hpp"
#include "event.hpp"
#include "scratch_folder.hpp"

namespace {

const holdfast::function<double(holdfast::writable_memory_view)> scale{"memory_tasks", "scale"};
const holdfast::function<long(holdfast::writable_memory_view)> count{"memory_tasks", "count"};
const holdfast::function<holdfast::array_view<double>(long)> make{"memory_tasks", "make"};

template <class Pool>
void both_ways(Pool &pool) {
    auto numbers = std::make_shared<std::vector<double>>(1000, 1.5);
    const std::weak_ptr<std::vector<double>> watched = numbers;
    double *const data = numbers->data();
    const auto as_memory = [data](std::shared_ptr<const void> owner) {
        return holdfast::writable_memory_view(reinterpret_cast<std::byte *>(data), 8000,
                                              std::move(owner));
    };
    auto sum = pool.submit(scale, as_memory(numbers));
    CHECK(sum.get() == 3000);
    CHECK((*numbers)[0] == 3 && (*numbers)[999] == 3);  // Python wrote here
    CHECK(numbers.use_count() == 1);                    // and nothing of the call is left

    // The owner is the task's alone while it waits.
    event go;
    std::vector<std::future<void>> stoppers;
    for (std::size_t i = 0; i < pool.threads(); ++i)
        stoppers.push_back(pool.submit([&go] {
            const holdfast::detach_guard detached;
            go.wait();
        }));
    auto length = pool.submit(count, as_memory(numbers));
    numbers.reset();
    CHECK(!watched.expired());
    go.set();
    CHECK(length.get() == 8000);
    CHECK(watched.expired());
    for (auto &stopper : stoppers)
        stopper.get();
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "memory_tasks.py")
        << "import array\n"
           "def scale(memory):\n"
           "    values = memoryview(memory).cast('B').cast('d')\n"
           "    for i in range(len(values)): values[i] *= 2\n"
           "    return sum(values)\n"
           "def count(memory): return len(memory)\n"
           "def make(n): return array.array('d', range(n))\n";
    holdfast::interpreter_config settings;
    settings.module_search_paths = {folder.path()};
    holdfast::interpreter python(settings);
    {
        holdfast::executor pool(python, 2);
        both_ways(pool);
        // What Python owns comes back as a view of it, from the one interpreter that all share.
        const holdfast::array_view<double> made = pool.submit(make, 3).get();
        CHECK(made.size() == 3 && made.data()[2] == 2);
    }
    {
        holdfast::subinterpreter_pool_config config;
        config.threads = 2;
        holdfast::subinterpreter_pool pool(python, config);
        both_ways(pool);
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
