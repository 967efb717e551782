// Whatever an engine does, a future of a remote_executor has its result or an error in time, and finalize() waits.
// deadline: 60
// precompiled: no
// short-run: no
#include <holdfast/attach/waits.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/platform/process.hpp>
#include <holdfast/pools/remote_executor.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "said_on_stderr.hpp"
#include "scratch_folder.hpp"
#include "thrown.hpp"
#include "thrown_text.hpp"
#if HOLDFAST_DETAIL_HAS_FORK
#include "child.hpp"
#endif

using namespace std::chrono_literals;
using holdfast::function;

namespace {

const function<double(double, double)> add{"operator", "add"};
const function<double(double, double)> divide{"operator", "truediv"};
const function<void(double)> sleep_for{"time", "sleep"};
const function<std::string(std::string_view)> wait_for{"odd_engines", "wait_for"};
const function<long()> process_id{"os", "getpid"};

const char *const odd_engines = R"(
import concurrent.futures, pathlib, time

class Silent:
    """Takes everything and answers nothing."""
    def submit(self, call, *arguments):
        return concurrent.futures.Future()

class Refusing:
    def submit(self, call, *arguments):
        raise RuntimeError("closed on Mondays")

class Garbled:
    """Answers what nobody sent."""
    def submit(self, call, *arguments):
        future = concurrent.futures.Future()
        future.set_result(b"no pickle")
        return future

class Twice:
    """Tells everybody twice."""
    def submit(self, call, *arguments):
        future = concurrent.futures.Future()
        add = future.add_done_callback
        future.add_done_callback = lambda done: (add(done), add(done))
        future.set_result(call(*arguments))
        return future

def wait_for(path):
    while not pathlib.Path(path).exists():
        time.sleep(0.005)
    return "seen"
)";

holdfast::remote_config within(std::chrono::milliseconds limit) {
    holdfast::remote_config config;
    config.limit = limit;
    return config;
}

template <class Error, class T>
std::string code_of(std::future<T> &&result) {
    CHECK(result.wait_for(30s) == std::future_status::ready);
    return thrown_code<Error>([&] { result.get(); });
}

void check_odd_engines(const holdfast::interpreter &python) {
    {
        holdfast::remote_executor silent(python, "odd_engines.Silent()", within(50ms));
        std::vector<std::future<double>> results;
        for (int i = 0; i < 20; ++i)
            results.push_back(silent.submit(add, i, 1));
        for (std::future<double> &result : results)
            CHECK(code_of<holdfast::remote_error>(std::move(result)) == "HF321");
        for (auto &call :
             silent.as_completed(add, std::vector<std::tuple<int, int>>{{1, 2}, {3, 4}}))
            CHECK(code_of<holdfast::remote_error>(std::move(call.result)) == "HF321");
        CHECK(silent.drain(30s) && silent.waiting() == 0);
    }
    holdfast::remote_executor refusing(python, "odd_engines.Refusing()");
    CHECK(code_of<holdfast::remote_error>(refusing.submit(add, 1, 2)) == "HF320");
    holdfast::remote_executor garbled(python, "odd_engines.Garbled()");
    CHECK(code_of<holdfast::remote_error>(garbled.submit(add, 1, 2)) == "HF323");
    holdfast::remote_executor twice(python, "odd_engines.Twice()");
    CHECK(twice.submit(add, 1, 2).get() == 3);

    CHECK(contains(
        thrown_text<holdfast::usage_error>([&] { holdfast::remote_executor none(python, "42"); }),
        "HF326 remote_executor was given an object of type 'int', which has no submit()"));
    CHECK_THROWS(holdfast::python_error, holdfast::remote_executor(python, "no_such_name"));
}

/// Nobody reads that a call has failed.
void check_unread_failure(const holdfast::interpreter &python, const scratch_folder &folder) {
    const std::string flag = (folder.path() / "unread").string();
    const std::string said = said_on_stderr([&] {
        holdfast::remote_executor pool(python, "concurrent.futures.ThreadPoolExecutor(1)");
        std::future<std::string> first = pool.submit(wait_for, flag);
        pool.submit(divide, 1, 0);  // behind the first: its future is gone before it fails
        std::ofstream(flag) << "now\n";
        CHECK(first.get() == "seen" && pool.drain(30s));
    });
#if defined(__GLIBCXX__)
    CHECK(contains(said, "HF312 operator.truediv() failed"));
#else
    CHECK(said.empty());
#endif
}

/// A worker that hangs is ended with the executor, so the interpreter does not wait for it.
void check_hanging_worker(const holdfast::interpreter &python) {
    holdfast::remote_executor pool(python, "concurrent.futures.ProcessPoolExecutor(1)",
                                   within(50s));
    CHECK(pool.submit(process_id).get() != holdfast::detail::process_number());
    holdfast::remote_executor hanging(python, "concurrent.futures.ProcessPoolExecutor(1)",
                                      within(300ms));
    std::future<void> asleep = hanging.submit(sleep_for, 1000);
    std::future<double> behind = hanging.submit(add, 1, 2);
    CHECK(code_of<holdfast::remote_error>(std::move(asleep)) == "HF321");
    CHECK(code_of<holdfast::remote_error>(std::move(behind)) == "HF321");
}

/// Any number of threads, attached or not, and an engine that its owner shares with others.
void check_threads(const holdfast::interpreter &python) {
    const holdfast::object engine =
        holdfast::eval<holdfast::object>("concurrent.futures.ThreadPoolExecutor(2)");
    {
        holdfast::remote_executor pool(engine);
        std::vector<std::thread> threads;
        for (int n = 0; n < 4; ++n)
            threads.emplace_back([&pool, &python, n] {
                std::optional<holdfast::attach_guard> attached;
                if (n % 2 == 1)
                    attached.emplace(python.view());
                for (int i = 0; i < 50; ++i) {
                    std::future<double> sum = pool.submit(add, n, i);
                    CHECK(holdfast::get(sum) == n + i);
                }
            });
        for (std::thread &thread : threads)
            thread.join();
        pool.close();
        CHECK(thrown_code<holdfast::pool_error>([&] { pool.submit(add, 1, 2); }) == "HF301");
    }
    holdfast::remote_executor again(engine);  // was not shut down: it is not the executor's
    CHECK(again.submit(add, 1, 2).get() == 3);
#if HOLDFAST_DETAIL_HAS_FORK
    const pid_t child = fork();
    if (child == 0)  // its thread is not here
        std::_Exit(
            thrown_code<holdfast::pool_error>([&] { again.submit(add, 1, 2); }) == "HF306" ? 0 : 1);
    CHECK(status_of(child) == 0);
#endif
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "odd_engines.py") << odd_engines;
    holdfast::interpreter_config config;
    config.module_search_paths = {folder.path()};
    holdfast::interpreter python(config);
    holdfast::exec("import concurrent.futures, odd_engines");

    check_odd_engines(python);
    check_unread_failure(python, folder);
    check_hanging_worker(python);
    check_threads(python);
#if defined(SIGPIPE)
    CHECK(std::signal(SIGPIPE, SIG_DFL) == SIG_IGN);  // so that a dead worker does not end the host
#endif

    const std::string flag = (folder.path() / "flag").string();
    holdfast::remote_executor last(python, "concurrent.futures.ThreadPoolExecutor(1)");
    std::future<std::string> waiting = last.submit(wait_for, flag);
    CHECK(!python.finalize(50ms));  // it holds the interpreter
    CHECK(thrown_code<holdfast::closed_error>([&] { last.submit(add, 1, 2); }) == "HF202");
    std::ofstream(flag) << "now\n";
    CHECK(python.finalize(30s));
    CHECK(waiting.get() == "seen");
    CHECK(
        contains(thrown_text<holdfast::closed_error>([&] { last.submit(add, 1, 2); }),
                 "HF203 pool 'remote' cannot take the task: the interpreter has been finalized\n"));
}
