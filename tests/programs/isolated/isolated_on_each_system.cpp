// isolated_executor: results, exceptions, limits, crashes, large values, output and the end are the same on each system.
// deadline: 60
// short-run: no
#include <holdfast/buffer.hpp>
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"
#include "thrown.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using holdfast::function;
using holdfast::worker_end;

namespace {

const char *const app = R"(
import array, faulthandler, logging, os, sys, time

def fail(): {}["missing"]
def same(value): return value
def ramp(count): return array.array("d", range(count))
def endless():
    while True: pass
def stuck_in_c(): return sum(range(10 ** 15))
def catches():
    try:
        time.sleep(1000)
    except BaseException as problem:
        return type(problem).__module__ + "." + type(problem).__name__
def segfault():
    getattr(faulthandler, '_read_null', faulthandler._sigsegv)()  # none from 3.15 on
def leave(status): os._exit(status)
def says():
    print("gr\u00fc\u00df")
    print("first\nsecond", file=sys.stderr)
    logging.getLogger("app").warning("logged")
def variable(name): return os.environ.get(name, "")
def places(): return [sys.prefix, os.path.realpath(sys.executable)]
)";

const function<double(double, double)> add{"operator", "add"};
const function<int()> process{"os", "getpid"};
const function<void()> stuck_in_c{"app", "stuck_in_c"};

holdfast::isolated_config with_app(const scratch_folder &folder) {
    holdfast::isolated_config config = with_workers(1, folder);
    config.preload = {"app"};
    return config;
}

void check_calls(const scratch_folder &folder) {
    holdfast::isolated_config config = with_app(folder);
    config.environment = {"HOLDFAST_TEST_WORD=gr\xc3\xbc\xc3\x9f \"a\\\" b",
                          "HOLDFAST_TEST_TWICE=1", "HOLDFAST_TEST_TWICE=0",
                          "holdfast_test_\xc3\xbc=small", "HOLDFAST_TEST_\xc3\x9c=capital"};
    holdfast::isolated_executor pool(config);
    CHECK(pool.call(add, 1, 2) == 3 && pool.submit(add, 1, 2).get() == 3);
    try {
        pool.submit_named<void>("app", "fail").get();
        CHECK(false);
    } catch (const holdfast::python_error &problem) {
        CHECK(problem.type() == "KeyError" && contains(problem.traceback(), "in fail"));
    }
    CHECK(pool.submit_named<std::string>("app", "variable", "HOLDFAST_TEST_WORD").get() ==
          "gr\xc3\xbc\xc3\x9f \"a\\\" b");
    // The last one counts; Windows makes no difference between small and capital letters.
    const function<std::string(std::string)> variable{"app", "variable"};
    CHECK(pool.call(variable, "HOLDFAST_TEST_TWICE") == "0");
    CHECK(pool.call(variable, "HOLDFAST_TEST_\xc3\x9c") == "capital");
#if defined(_WIN32)
    CHECK(pool.call(variable, "holdfast_test_\xc3\xbc") == "capital");
#else
    CHECK(pool.call(variable, "holdfast_test_\xc3\xbc") == "small");
#endif
    const function<holdfast::bytes(holdfast::bytes)> same{"app", "same"};
    for (const std::size_t size : {1U, 20000U, 65535U, 65536U, 3000000U, 70000U})
        CHECK(pool.call(same, holdfast::bytes{std::string(size, 'x')}).data ==
              std::string(size, 'x'));
    const function<std::string(std::string)> text{"app", "same"};
    CHECK(pool.call(text, std::string(300000, 'y')) == std::string(300000, 'y'));
    const function<holdfast::array_view<const double>(int)> ramp{"app", "ramp"};
    for (int i = 0; i < 12; ++i) {
        const holdfast::array_view<const double> numbers = pool.call(ramp, 100000);
        CHECK(numbers.size() == 100000 && numbers.data()[99999] == 99999);
    }
    std::vector<std::future<double>> many;
    for (int i = 0; i < 200; ++i)
        many.push_back(pool.submit(add, i, 1));
    CHECK(pool.drain(60s));
    for (int i = 0; i < 200; ++i)
        CHECK(many[static_cast<std::size_t>(i)].get() == i + 1);
    CHECK(pool.counters().tasks > 200 && pool.counters().workers.at(0).memory > 1000000);
    pool.close();
    CHECK(thrown_code<holdfast::pool_error>([&] { pool.submit(add, 1, 2); }) == "HF301");
}

void check_limits(const scratch_folder &folder) {
    holdfast::isolated_config config = with_app(folder);
    config.limit = 500ms;
    holdfast::isolated_executor pool(config);
    std::future<void> stuck = pool.submit(stuck_in_c);
    std::future<double> behind = pool.submit(add, 1, 2);
    CHECK_THROWS(holdfast::deadline_error, stuck.get());
    CHECK(behind.get() == 3);
    CHECK_THROWS(holdfast::deadline_error, pool.call(stuck_in_c));
    // On a busy machine, there may be no stack; but not every time.
    for (int round = 0;; ++round) {
        CHECK(round < 20);
        try {
            pool.submit_named<void>("app", "endless").get();
            CHECK(false);
        } catch (const holdfast::deadline_error &late) {
            if (late.traceback().find("in endless") != std::string::npos)
                break;
        }
    }
    CHECK(pool.counters().deadlines > 2);
}

void check_grace(const scratch_folder &folder) {
    holdfast::isolated_config config = with_app(folder);
    config.limit = 2s;
    config.grace = 1s;
    holdfast::isolated_executor pool(config);
    const int before = pool.call(process);
    CHECK(pool.submit_named<std::string>("app", "catches").get() == "holdfast.Interrupted");
    try {
        pool.submit_named<void>("app", "endless").get();
        CHECK(false);
    } catch (const holdfast::deadline_error &late) {
        CHECK(contains(late.traceback(), "Interrupted"));
    }
    CHECK(pool.call(process) == before);
}

void check_ends(const scratch_folder &folder) {
    holdfast::isolated_config config = with_app(folder);
    config.cpu = 1s;
    holdfast::isolated_executor pool(config);
    const auto end_of = [](std::future<void> result) {
        try {
            result.get();
        } catch (const holdfast::worker_error &ended) {
            return ended;
        }
        check::fail(__FILE__, __LINE__, "no worker_error");
    };
    const holdfast::worker_error crash = end_of(pool.submit_named<void>("app", "segfault"));
    CHECK(std::string(crash.code()) == "HF330" && crash.how() == worker_end::signal);
    CHECK(contains(crash.python_stack(), "in segfault"));
    const holdfast::worker_error exit = end_of(pool.submit_named<void>("app", "leave", 3));
    CHECK(exit.how() == worker_end::exit && exit.exit_status() == 3 && exit.signal() == 0);
#if !defined(_WIN32)  // wine does not know the processor time of another process
    CHECK(end_of(pool.submit(stuck_in_c)).how() == worker_end::cpu);
#endif
    CHECK(pool.call(add, 1, 2) == 3);
}

void check_output(const scratch_folder &folder) {
    std::mutex mutex;
    std::string seen;
    holdfast::isolated_config config = with_app(folder);
    config.output = [&](const holdfast::output_line &line) {
        const std::lock_guard<std::mutex> hold(mutex);
        seen += std::string(line.worker) + '/' + std::string(line.logger) + '/' +
                std::string(line.text) + '\n';
    };
    {
        holdfast::isolated_executor pool(config);
        pool.submit_named<void>("app", "says").get();
    }
    CHECK(contains(seen, "isolated-0//gr\xc3\xbc\xc3\x9f\n"));
    CHECK(contains(seen, "isolated-0//first\nisolated-0//second\n"));
    CHECK(contains(seen, "isolated-0/app/logged\n"));
}

/// Of a virtual environment, the worker is the process that runs Python, not one that starts it.
void check_environment(const scratch_folder &folder) {
    namespace fs = std::filesystem;
    const function<std::vector<std::string>()> places{"app", "places"};
    holdfast::isolated_config config = with_app(folder);
    const fs::path python = holdfast::isolated_executor(config).call(places).at(1);
    config.python = folder.path() / "env" / "programs" / "python.exe";
    fs::create_directories(config.python.parent_path());
#if defined(_WIN32)
    std::ofstream(config.python) << "not run\n";
#else
    fs::create_symlink(python, config.python);
#endif
    std::ofstream(folder.path() / "env" / "pyvenv.cfg")
        << "home = " << python.parent_path().string() << "\n";
    holdfast::isolated_executor pool(config);
    CHECK(fs::path(pool.call(places).at(0)) == folder.path() / "env");
    CHECK(pool.call(process) == pool.counters().workers.at(0).pid);
}

void check_refusals(const scratch_folder &folder) {
    holdfast::isolated_config config = with_app(folder);
    config.python = folder.path() / "none";
    {
        holdfast::isolated_executor pool(config);
        CHECK(thrown_code<holdfast::worker_error>([&] { pool.call(add, 1, 2); }) == "HF335");
    }
    config = with_app(folder);
    config.open_files = 200;
#if defined(_WIN32)
    CHECK(thrown_code<holdfast::usage_error>([&] { holdfast::isolated_executor pool(config); }) ==
          "HF336");
#else
    CHECK(holdfast::isolated_executor(config).call(add, 1, 2) == 3);
#endif
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    check_calls(folder);
    check_limits(folder);
    check_grace(folder);
    check_ends(folder);
    check_output(folder);
    check_environment(folder);
    check_refusals(folder);
}
