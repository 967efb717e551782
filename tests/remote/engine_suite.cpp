// remote_executor keeps its promises with any engine: here with one.
//
// Arguments: a folder for files, the Python to run, statements that make the engine ready, the expression that is the
// engine, and what is true of it: "apart" its workers are other processes, "dies" one may be killed, "survives"
// other calls then finish, "goes" gone() takes the engine away. remote_tasks.py is on PYTHONPATH.
// precompiled: no
#include <holdfast/convert/sets_and_arrays.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/pools/remote_executor.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "check.hpp"
#include "thrown.hpp"

using namespace std::chrono_literals;
using holdfast::defaulted;
using holdfast::function;

namespace {

constexpr auto soon = 40s;  // an engine that needs longer hangs

const function<double(double, double)> add{"remote_tasks", "add"};
const function<std::string(std::string_view, defaulted<std::string>, defaulted<int>)> greet{
    "remote_tasks", "greet", {"mark", "times"}};
const function<std::vector<std::string>(std::vector<std::string>, std::map<std::string, int>)>
    describe{"remote_tasks", "describe"};
const function<void(std::string_view)> note{"remote_tasks", "note"};
const function<void(std::string_view)> fail{"remote_tasks", "fail"};
const function<void()> fail_oddly{"remote_tasks", "fail_oddly"};
const function<void()> leave{"remote_tasks", "leave"};
const function<holdfast::object()> make_lock{"remote_tasks", "make_lock"};
const function<holdfast::object()> make_foreign{"remote_tasks", "make_foreign"};
const function<std::string(std::string_view)> wait_for{"remote_tasks", "wait_for"};
const function<void(std::string_view)> begin_and_die{"remote_tasks", "begin_and_die"};
const function<std::string(std::string_view)> die_once{"remote_tasks", "die_once"};
const function<int()> nowhere{"no_module_of_this_name", "f"};
const function<int()> misnamed{"remote_tasks", "no_such_function"};
const function<std::string(double, double)> wrong_type{"remote_tasks", "add"};

/// The result of the future, with a deadline for the wait.
template <class T>
T value_of(std::future<T> &&result) {
    CHECK(result.wait_for(soon) == std::future_status::ready);
    return result.get();
}

template <class Error, class T>
std::string code_of(std::future<T> &&result) {
    CHECK(result.wait_for(soon) == std::future_status::ready);
    return thrown_code<Error>([&] { result.get(); });
}

void check_values(holdfast::remote_executor &engine, const std::filesystem::path &folder) {
    CHECK(value_of(engine.submit(add, 1.5, 2)) == 3.5);
    CHECK(value_of(engine.submit(greet, "Ann")) == "hello, Ann!");
    CHECK(value_of(engine.submit(greet, "Bob", "?", 3)) == "hello, Bob???");
    CHECK(value_of(engine.submit(greet, "Bob", holdfast::use_default, 2)) == "hello, Bob!!");
    CHECK(value_of(engine.submit(describe, std::vector<std::string>{"Eve"},
                                 std::map<std::string, int>{{"Eve", 7}})) ==
          std::vector<std::string>{"Eve 7"});
    std::vector<std::future<double>> sums;
    for (int i = 0; i < 100; ++i)
        sums.push_back(engine.submit(add, i, 1));
    double total = 0;
    for (std::future<double> &sum : sums)
        total += value_of(std::move(sum));
    CHECK(total == 5050);
    // Equal calls stay separate, even with an engine that would merge them.
    std::vector<std::future<void>> notes;
    for (int i = 0; i < 5; ++i)
        notes.push_back(engine.submit(note, (folder / "notes").string()));
    for (std::future<void> &one : notes)
        value_of(std::move(one));
    std::ifstream file(folder / "notes");
    CHECK(std::count(std::istreambuf_iterator<char>(file), {}, '\n') == 5);
}

void check_exceptions(holdfast::remote_executor &engine) {
    std::future<void> failing = engine.submit(fail, "no good");
    CHECK(failing.wait_for(soon) == std::future_status::ready);
    try {
        failing.get();
        check::fail(__FILE__, __LINE__, "fail() did not");
    } catch (const holdfast::python_error &problem) {
        CHECK(problem.type() == "ValueError" && problem.message() == "no good");
        CHECK(problem.traceback().find("in fail\n") !=
              std::string::npos);  // where it was in the worker
    }
    std::future<void> odd = engine.submit(fail_oddly);
    CHECK(odd.wait_for(soon) == std::future_status::ready);
    try {
        odd.get();
        check::fail(__FILE__, __LINE__, "fail_oddly() did not");
    } catch (const holdfast::python_error &problem) {
        CHECK(problem.type() == "remote_tasks.OddError" && problem.message() == "odd indeed");
    }
    CHECK(code_of<holdfast::python_error>(engine.submit(leave)) == "HF400");
    CHECK(code_of<holdfast::remote_error>(engine.submit(make_lock)) == "HF322");
    CHECK(code_of<holdfast::remote_error>(engine.submit(nowhere)) == "HF324");
    CHECK(code_of<holdfast::remote_error>(engine.submit(misnamed)) == "HF324");
    CHECK(code_of<holdfast::conversion_error>(engine.submit(wrong_type, 1, 2)) == "HF403");
    const holdfast::object lock =
        holdfast::eval<holdfast::object>("__import__('threading').Lock()");
    const function<double(holdfast::object, double)> add_object{"remote_tasks", "add"};
    CHECK(thrown_code<holdfast::conversion_error>([&] { engine.submit(add_object, lock, 1); }) ==
          "HF340");
    CHECK(value_of(engine.submit(add, 1, 2)) == 3);  // none of it did any harm
}

void check_foreign_result(holdfast::remote_executor &engine) {
    CHECK(code_of<holdfast::remote_error>(engine.submit(make_foreign)) == "HF323");
    CHECK(value_of(engine.submit(add, 1, 2)) == 3);
}

void check_progress(holdfast::remote_executor &engine, const std::filesystem::path &folder) {
    const std::string flag = folder / "late";
    // The first item ends last: it waits for a file that is made when the others are there.
    std::vector<std::string> files{flag};
    std::ofstream(folder / "early") << "now\n";
    for (int i = 0; i < 5; ++i)
        files.push_back(folder / "early");
    auto calls = engine.as_completed(wait_for, files);
    std::set<std::size_t> seen;
    std::size_t last = 0;
    for (auto &call : calls) {
        CHECK(call.result.get() == "seen");
        CHECK(seen.insert(call.index).second && calls.done() == seen.size() &&
              calls.total() == files.size());
        if (seen.size() == files.size() - 1)
            std::ofstream(flag) << "now\n";
        last = call.index;
    }
    CHECK(seen.size() == files.size() && last == 0);
    const std::vector<std::tuple<int, double>> pairs{{1, 2.0}, {3, 4.0}};
    double total = 0;
    for (auto &call : engine.as_completed(add, pairs))
        total += call.result.get();
    CHECK(total == 10);
}

void check_cancellation(holdfast::remote_executor &engine, const std::filesystem::path &folder) {
    const holdfast::cancellation off;
    const std::string flag = folder / "cancelled";
    std::vector<std::future<std::string>> results;
    for (int i = 0; i < 6; ++i)  // more than there are workers: some have begun, some have not
        results.push_back(engine.submit(off, wait_for, flag));
    off.request();
    for (std::future<std::string> &result : results) {
        CHECK(result.wait_for(0s) == std::future_status::ready);
        CHECK(thrown_code<holdfast::cancelled_error>([&] { result.get(); }) == "HF302");
    }
    CHECK(code_of<holdfast::cancelled_error>(engine.submit(off, wait_for, flag)) == "HF302");
    std::ofstream(flag) << "now\n";  // whoever has begun ends
    CHECK(engine.drain(soon));
    CHECK(engine.waiting() == 0);
}

/// An engine that does not outlive a worker fails all its calls; one that does has the others done, and the call, too,
/// if it can be done elsewhere.
void check_killed_worker(holdfast::remote_executor &engine, const std::filesystem::path &folder,
                         bool survives) {
    std::vector<std::future<double>> others;
    std::future<std::string> unlucky = engine.submit(die_once, (folder / "once").string());
    for (int i = 0; i < 10; ++i)
        others.push_back(engine.submit(add, i, 1));
    CHECK(unlucky.wait_for(soon) == std::future_status::ready);
    for (std::future<double> &other : others)
        CHECK(other.wait_for(soon) == std::future_status::ready);
    if (!survives) {
        CHECK(code_of<holdfast::remote_error>(std::move(unlucky)) == "HF320");
        CHECK(code_of<holdfast::remote_error>(engine.submit(add, 1, 2)) == "HF320");
        return;
    }
    CHECK(unlucky.get() == "second try");
    for (int i = 0; i < 10; ++i)
        CHECK(others[static_cast<std::size_t>(i)].get() == i + 1);
    CHECK(code_of<holdfast::remote_error>(
              engine.submit(begin_and_die, (folder / "begun").string())) == "HF320");
    CHECK(std::filesystem::exists(folder / "begun"));
    CHECK(value_of(engine.submit(add, 1, 2)) == 3);
}

void check_gone(holdfast::remote_executor &engine, const std::filesystem::path &folder) {
    std::future<std::string> pending = engine.submit(wait_for, (folder / "never").string());
    holdfast::exec("gone()");
    CHECK(code_of<holdfast::remote_error>(std::move(pending)).substr(0, 4) == "HF32");
    const std::string code = code_of<holdfast::remote_error>(engine.submit(add, 1, 2));
    CHECK(code == "HF320" || code == "HF321");
}

}  // namespace

int main(int, char **argv) {
    const std::filesystem::path folder = argv[1];
    holdfast::interpreter_config config;
    config.executable = argv[2];
    const char *const setup = argv[3];
    const char *const expression = argv[4];
    std::set<std::string> abilities;
    for (char **word = argv + 5; *word != nullptr; ++word)
        abilities.insert(*word);
    holdfast::interpreter python(config);
    holdfast::exec(setup);
    const auto run = [&](const char *what, auto &&check) {
        const auto begun = std::chrono::steady_clock::now();
        check();
        std::printf(
            "%s %.2f s\n", what,
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
        std::fflush(stdout);
    };
    {
        holdfast::remote_config limits;
        limits.limit = 30s;
        holdfast::remote_executor engine(python, expression, limits);
        run("values", [&] { check_values(engine, folder); });
        run("exceptions", [&] { check_exceptions(engine); });
        if (abilities.count("apart") != 0)
            run("foreign result", [&] { check_foreign_result(engine); });
        run("progress", [&] { check_progress(engine, folder); });
        run("cancellation", [&] { check_cancellation(engine, folder); });
        if (abilities.count("dies") != 0)
            run("killed worker",
                [&] { check_killed_worker(engine, folder, abilities.count("survives") != 0); });
    }
    if (abilities.count("goes") != 0) {
        holdfast::remote_config limits;
        limits.limit = 1500ms;
        holdfast::remote_executor engine(python, expression, limits);
        run("gone", [&] { check_gone(engine, folder); });
    }
    run("finalize", [&] { CHECK(python.finalize(30s)); });
}
