// isolated_executor: large arrays and bytes cross through shared memory, which lives until Python's last view dies.
// deadline: 60
// short-run: no
#include <holdfast/buffer.hpp>
#include <holdfast/isolated.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "check.hpp"
#include "open_files.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using holdfast::array_view;
using holdfast::function;

namespace {

const char *const app = R"(
import gc, os

kept = []
def total(values): return float(values.sum())
def twice(values): return values * 2
def keep(values):
    kept.append(values[::2])
    return values[0]
def seen(index): return sum(kept[index])
def forget(): kept.clear()
def kind(value): return f"{type(value).__name__} {len(value)}"
def back(value): return value
def hide():
    import sys
    sys.modules["numpy"] = None
def write(values):
    values[0] = 99
    return values
def shape(values): return list(values.shape)
def files(): return len(os.listdir("/proc/self/fd"))
def data(value, size): return bytes([value]) * size
def filled(value, size): return memoryview(data(value, size))
def attack():
    done = []
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
            if "holdfast-result" in target:
                os.ftruncate(int(name), 0)
                done.append(target)
        except OSError as problem:
            pass
    return done
)";

using numbers = array_view<const double>;

numbers filled(std::size_t size, double value) {
    auto kept = std::make_shared<std::vector<double>>(size, value);
    return {kept->data(), {size}, kept};
}

void check_arrays(holdfast::isolated_executor &pool) {
    const function<double(numbers)> total{"app", "total"};
    const function<array_view<double>(numbers)> twice{"app", "twice"};
    for (const std::size_t size : {0UL, 1UL, 1000UL, 8192UL, 1000000UL}) {
        CHECK(pool.call(total, filled(size, 0.5)) == 0.5 * static_cast<double>(size));
        const array_view<double> doubled = pool.submit(twice, filled(size, 0.5)).get();
        CHECK(doubled.size() == size && doubled.rank() == 1);
        for (std::size_t i = 0; i < size; ++i)
            CHECK(doubled.data()[i] == 1);
    }
    std::vector<float> table(6 * 7, 1.5F);
    const function<std::vector<int>(array_view<float, 2>)> shape{"app", "shape"};
    CHECK(pool.call(shape, array_view<float, 2>(std::move(table), {6, 7})) ==
          (std::vector<int>{6, 7}));
    const function<array_view<std::int32_t>(array_view<std::int32_t>)> write{"app", "write"};
    const std::vector<std::int32_t> mine(100000, 1);
    const array_view<std::int32_t> changed =
        pool.call(write, array_view<std::int32_t>(std::vector<std::int32_t>(mine)));
    CHECK(changed.data()[0] == 99 && changed.data()[1] == 1);
    CHECK_THROWS(holdfast::conversion_error,
                 pool.call(function<array_view<float>(numbers)>{"app", "twice"}, filled(10, 1)));
    CHECK(pool.call(function<std::vector<double>(numbers)>{"app", "twice"}, filled(10, 1)) ==
          std::vector<double>(10, 2));
    CHECK_THROWS(holdfast::python_error,
                 pool.call(function<numbers(numbers)>{"app", "write"}, filled(100000, 1)));
}

void check_bytes(holdfast::isolated_executor &pool) {
    const function<holdfast::bytes(holdfast::bytes)> back{"app", "back"};
    const function<std::string(holdfast::bytes)> kind{"app", "kind"};
    for (const std::size_t size : {65535UL, 65536UL, 10000000UL}) {
        const holdfast::bytes sent{std::string(size, '\x7f')};
        CHECK(pool.call(back, sent) == sent);
        CHECK(pool.call(kind, sent) == "bytes " + std::to_string(size));
    }
    const function<std::string(holdfast::memory_view)> view{"app", "kind"};
    CHECK(pool.call(view, holdfast::memory_view(std::string(100000, 'x'))) == "memoryview 100000");
    const function<std::vector<std::string>(std::vector<std::string>)> texts{"app", "back"};
    const std::vector<std::string> many(3000, std::string(100, 'y'));
    CHECK(pool.call(texts, many) == many);
}

/// Views that Python keeps have their own contents for ever; dropped memory is used again.
void check_lifetime(holdfast::isolated_executor &pool) {
    const function<int(holdfast::memory_view)> keep{"app", "keep"};
    const auto filled_with = [](int value) {
        return holdfast::memory_view(std::string(80000, static_cast<char>(value)));
    };
    for (int i = 0; i < 20; ++i)
        CHECK(pool.call(keep, filled_with(i)) == i);
    for (int i = 0; i < 20; ++i)
        CHECK(pool.submit_named<long>("app", "seen", i).get() == i * 40000L);
    pool.submit_named<void>("app", "forget").get();
    const std::size_t here = open_files();
    const int there = pool.submit_named<int>("app", "files").get();
    for (int i = 0; i < 200; ++i) {
        CHECK(pool.call(keep, filled_with(i % 100)) == i % 100);
        pool.submit_named<void>("app", "forget").get();
    }
    CHECK(open_files() <= here + 20);
    CHECK(pool.submit_named<int>("app", "files").get() <= there + 2);
}

using memory = holdfast::basic_memory_view<const std::byte>;

bool is_all(const memory &view, int value, std::size_t size) {
    if (view.size() != size || reinterpret_cast<std::uintptr_t>(view.data()) % 64 != 0)
        return false;
    for (std::size_t i = 0; i < size; ++i)
        if (view.data()[i] != static_cast<std::byte>(value))
            return false;
    return true;
}

/// Views of results keep their contents, whatever the worker returns later, and whether it lives.
void check_results(holdfast::isolated_executor &pool, std::vector<memory> &kept) {
    const function<memory(int, int)> make{"app", "filled"};
    for (int i = 0; i < 200; ++i) {
        const int size = 70000 + i % 7 * 100000;
        const memory passing = pool.call(make, i % 100, size);
        CHECK(is_all(passing, i % 100, static_cast<std::size_t>(size)));
    }
    const int there = pool.submit_named<int>("app", "files").get();
    for (int i = 0; i < 12; ++i)
        kept.push_back(pool.call(make, i, 70000 + i * 10000));
    CHECK(pool.submit_named<int>("app", "files").get() <= there + 4);
    for (int i = 12; i < 20; ++i)
        CHECK(pool.call(function<holdfast::bytes(int, int)>{"app", "data"}, i, 80000).data ==
              std::string(80000, static_cast<char>(i)));
    // A forked child drops its copies, and the worker does not believe that they were the parent's.
    const pid_t child = fork();
    if (child == 0) {
        kept.clear();
        _exit(0);
    }
    CHECK(waitpid(child, nullptr, 0) == child);
    for (int i = 12; i < 20; ++i)
        CHECK(is_all(pool.call(make, i, 80000), i, 80000));
    // A file that the host has mapped cannot become shorter, which would end the host.
    CHECK(pool.submit_named<std::vector<std::string>>("app", "attack").get().empty());
    for (int i = 0; i < 12; ++i)
        CHECK(is_all(kept[static_cast<std::size_t>(i)], i,
                     static_cast<std::size_t>(70000 + i * 10000)));
}

// What is missing is said, and where. A worker in which numpy cannot be imported stands for one without it.
void check_without_numpy(const scratch_folder &folder) {
    holdfast::isolated_executor pool(with_workers(1, folder));
    pool.submit_named<void>("app", "hide").get();
    try {
        (void)pool.call(function<std::string(numbers)>{"app", "kind"}, filled(10, 1));
        CHECK(false);
    } catch (const holdfast::python_error &problem) {
        CHECK(problem.type() == "ModuleNotFoundError");
        CHECK(std::string(problem.what()).find("an array_view becomes a numpy array") !=
              std::string::npos);
    }
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    const std::size_t before = open_files();
    std::vector<memory> kept;
    {
        holdfast::isolated_executor pool(with_workers(1, folder));
        try {
            check_arrays(pool);
        } catch (const holdfast::python_error &problem) {
            CHECK(problem.type() == "ModuleNotFoundError");  // no numpy in this Python
        }
        check_bytes(pool);
        check_lifetime(pool);
        check_results(pool, kept);
    }
    check_without_numpy(folder);
    for (std::size_t i = 0; i < kept.size(); ++i)
        CHECK(is_all(kept[i], static_cast<int>(i), 70000 + i * 10000));
    kept.clear();
    CHECK(open_files() == before);
}
