// host.cpp: native threads that call one typed Python function, all at once, to a clean end.
//
// Each thread reads files natively and asks survey.survey() about them; results are added up
// natively. Then Python is finalized while a thread is still inside, and a late thread is refused.
// This file uses only the public headers of holdfast; files.hpp, progress.hpp and totals.hpp do not
// use Python.
//
// usage: host THREADS MODULES FOLDER [SKIPPED...]
//   MODULES  the folder of survey.py
//   FOLDER   where the Python files are
//   SKIPPED  names of folders to leave out
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

#include <pthread.h>

#include "files.hpp"
#include "progress.hpp"
#include "totals.hpp"

namespace {

using std::chrono::steady_clock;

// Lines, functions, classes, lines of the longest function, its name.
using answer = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::string>;
using survey_function = holdfast::function<answer(std::string_view, holdfast::bytes_view)>;

/// "SyntaxError: invalid syntax": the last line of what Python would print.
std::string reason_of(const holdfast::python_error &problem) {
    const std::string text = problem.type() + ": " + problem.message();
    return text.substr(0, text.find('\n'));
}

/// Surveys one file after the other until none is left. Runs on each native thread.
demo::totals survey_files(const demo::fs::path &root, const std::vector<demo::fs::path> &files,
                          std::atomic<std::size_t> &next, const survey_function &survey,
                          const holdfast::interpreter_view &python, demo::progress &shown) {
    demo::totals mine;
    std::string source;
    for (std::size_t i = next++; i < files.size(); i = next++) {
        const std::string name = files[i].lexically_relative(root).string();
        std::string reason;
        std::uint64_t lines = 0;
        if (!demo::read_file(files[i], source, reason)) {
            mine.refused.push_back({name, reason});
            shown.add(0);
            continue;
        }
        try {
            // survey() would attach without a guard; this one measures how long that takes.
            const auto asked = steady_clock::now();
            const holdfast::attach_guard attached(python);
            mine.waits.push_back(steady_clock::now() - asked);
            ++mine.calls;
            const auto [all_lines, functions, classes, longest, longest_name] =
                survey(name, holdfast::bytes_view(source.data(), source.size()));
            lines = all_lines;
            ++mine.files;
            mine.lines += lines;
            mine.functions += functions;
            mine.classes += classes;
            if (longest > mine.longest) {
                mine.longest = longest;
                mine.longest_name = longest_name;
                mine.longest_file = name;
            }
        } catch (const holdfast::python_error &problem) {
            mine.refused.push_back({name, reason_of(problem)});
        } catch (const holdfast::error &problem) {
            mine.refused.push_back({name, problem.what()});  // for example, its name is not text
        }
        shown.add(lines);
    }
    return mine;
}

/// Surveys all files on `threads` native threads, and shows the progress.
demo::totals survey_all(const demo::fs::path &root, demo::listing found, std::size_t threads,
                        const holdfast::interpreter_view &python) {
    const survey_function survey("survey", "survey");
    demo::progress shown(found.files.size());
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> working{threads};
    std::vector<std::future<demo::totals>> results;
    std::vector<std::thread> crew;
    for (std::size_t i = 0; i < threads; ++i) {
        std::packaged_task<demo::totals()> work(
            [&] { return survey_files(root, found.files, next, survey, python, shown); });
        results.push_back(work.get_future());
        crew.emplace_back([&, i, work = std::move(work)]() mutable {
            pthread_setname_np(pthread_self(), ("reader-" + std::to_string(i)).c_str());
            work();
            if (--working == 0)
                shown.finish();
        });
    }
    shown.watch();
    for (std::thread &thread : crew)
        thread.join();
    demo::totals all;
    for (std::future<demo::totals> &result : results)
        all.add(result.get());
    all.refused.insert(all.refused.end(), found.refused.begin(), found.refused.end());
    return all;
}

/// Ends Python while a thread is inside and another one arrives. True if everything went as
/// expected.
bool finalize_with_a_latecomer(holdfast::interpreter &python) {
    const holdfast::interpreter_view view = python.view();
    std::promise<void> entered;
    std::promise<void> leave;
    std::thread inside([&] {
        const holdfast::attach_guard attached(view);
        entered.set_value();
        const holdfast::detach_guard
            waiting;  // it blocks, so other threads may run Python meanwhile
        leave.get_future().wait();
    });
    entered.get_future().wait();

    const holdfast::finalize_report first = python.finalize(std::chrono::milliseconds(0));
    std::printf("\nfinalize(0 ms): still inside: %zu thread\n", first.still_inside.size());

    bool refused = false;
    std::thread([&] {
        try {
            const holdfast::attach_guard attached(view);
        } catch (const holdfast::closed_error &problem) {
            refused = true;
            std::printf("a late thread: %s\n", problem.what());
        }
    }).join();

    leave.set_value();
    inside.join();
    const bool finalized{python.finalize(std::chrono::milliseconds::max())};
    std::printf("finalize(): %s\n",
                finalized ? "all threads have left, Python has ended" : "failed");
    return !first && refused && finalized;
}

int survey_folder(std::size_t threads, const demo::fs::path &modules, const demo::fs::path &root,
                  const std::vector<std::string> &skipped) {
    demo::listing found = demo::python_files(root, skipped);
    holdfast::interpreter_config config;
    config.module_search_paths = {modules};
    holdfast::interpreter python(config);

    const auto begun = steady_clock::now();
    demo::totals all = survey_all(root, std::move(found), threads, python.view());
    demo::print_table(std::move(all), threads, steady_clock::now() - begun);
    return finalize_with_a_latecomer(python) ? 0 : 1;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: %s THREADS MODULES FOLDER [SKIPPED...]\n", argv[0]);
        return 2;
    }
    try {
        const auto threads = static_cast<std::size_t>(std::strtoul(argv[1], nullptr, 10));
        return survey_folder(threads, argv[2], argv[3], {argv + 4, argv + argc});
    } catch (const std::exception &problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 1;
    }
}
