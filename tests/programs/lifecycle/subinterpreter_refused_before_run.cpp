// A C module that refuses sub-interpreters is refused before its code runs there: HF307, or a Python replacement.
// deadline: 60
// python: >=3.12
// shared: ../../faults/single_phase.cpp
#include <holdfast/holdfast.hpp>

#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "check.hpp"
#include "contains.hpp"
#include "thrown.hpp"

namespace {

/// What all applications import, several at the same time: its C part is refused on 3.12, and datetime does without.
void datetime_is_there(const holdfast::interpreter &python) {
    holdfast::subinterpreter_pool_config config;
    config.threads = 4;
    config.interpreter.imports = {"datetime", "decimal"};
    holdfast::subinterpreter_pool pool(python, config);
    std::vector<std::future<std::string>> results;
    for (int i = 0; i < 40; ++i)
        results.push_back(pool.submit([] {
            holdfast::exec(
                "import datetime, decimal, gc\n"
                "text = str(datetime.date(2026, 1, 31) + datetime.timedelta(1)) + "
                "str(decimal.Decimal('1.5') * 2)\n"
                "gc.collect()");
            return holdfast::eval<std::string>("text");
        }));
    for (auto &result : results)
        CHECK(result.get() == "2026-02-013.0");
}

void ours_is_named(const holdfast::interpreter &python) {
    holdfast::subinterpreter_pool_config config;
    config.threads = 2;
    config.interpreter.imports = {"single_phase"};
    CHECK(thrown_code<holdfast::python_error>(
              [&] { holdfast::subinterpreter_pool pool(python, config); }) == "HF307");
    try {
        const holdfast::subinterpreter own(python, config.interpreter);
        CHECK(false);
    } catch (const holdfast::python_error &problem) {
        const std::string text = problem.what();
        CHECK(contains(text, "module 'single_phase' refuses sub-interpreters"));
        CHECK(contains(text, "remote_executor"));
        CHECK(problem.type() == "ImportError");
    }
    // What shares the GIL takes it, where there is one; and so does the main interpreter.
    config.interpreter.shared_gil = true;
#ifdef Py_GIL_DISABLED
    CHECK(thrown_code<holdfast::python_error>(
              [&] { holdfast::subinterpreter_pool pool(python, config); }) == "HF307");
#else
    holdfast::subinterpreter_pool sharing(python, config);
    CHECK(sharing
              .submit([] {
                  return holdfast::eval<bool>("'single_phase' in __import__('sys').modules");
              })
              .get());
#endif
    holdfast::exec("import single_phase");
}

}  // namespace

int main() {
    holdfast::interpreter_config settings;
    settings.module_search_paths = {
        std::filesystem::path(check::library("single_phase.so")).parent_path()};
    holdfast::interpreter python(settings);
    datetime_is_there(python);
    ours_is_named(python);
    CHECK(python.finalize(std::chrono::seconds(10)));
}
