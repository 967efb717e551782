// Each thread of a subinterpreter_pool has its own interpreter, prepared as configured; values cross, objects as copies.
// deadline: 60
#include <holdfast/holdfast.hpp>
#include <holdfast/subinterpreter_pool.hpp>

#include <fstream>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"
#include "scratch_folder.hpp"
#include "thrown.hpp"

namespace {

using namespace std::chrono_literals;

const holdfast::function<long(std::string_view, long)> score{"scoring", "score"};
const holdfast::function<long()> count{"scoring", "count"};
const holdfast::function<std::map<std::string, std::vector<double>>(std::vector<double>)> sort{
    "scoring", "by_sign"};
const holdfast::function<long(holdfast::object)> total{"scoring", "total"};
const holdfast::function<holdfast::pickled(long)> make{"scoring", "make"};
const holdfast::function<holdfast::pickled()> unpicklable{"scoring", "unpicklable"};

void each_has_its_own(holdfast::subinterpreter_pool &pool) {
    event met;
    std::atomic<int> present{0};
    std::vector<std::future<std::uint64_t>> seen;
    for (int i = 0; i < 3; ++i)
        seen.push_back(pool.submit([&] {
            {
                const holdfast::detach_guard detached;
                if (++present == 3)
                    met.set();
                CHECK(met.wait_for(10s));
            }
            CHECK(count() == 1);  // its own global, which nobody else has counted up
            return holdfast::current_view().ref().generation;
        }));
    std::set<std::uint64_t> generations{holdfast::main_view().ref().generation};
    for (auto &one : seen)
        generations.insert(one.get());
    CHECK(generations.size() == 4);
}

void values_cross(holdfast::subinterpreter_pool &pool) {
    CHECK(pool.submit(score, "text", 5).get() == 9);
    const auto sorted = pool.submit(sort, std::vector<double>{1, -2, 3}).get();
    CHECK(sorted.at("positive") == std::vector<double>({1, 3}));
    CHECK(sorted.at("negative") == std::vector<double>({-2}));
}

void objects_cross_as_copies(holdfast::subinterpreter_pool &pool) {
    const auto list = holdfast::eval<holdfast::object>("[1, 2, 3]");
    CHECK(pool.submit(total, list).get() == 6);
    const holdfast::pickled once(list);
    std::vector<std::future<long>> totals;
    for (int i = 0; i < 20; ++i)
        totals.push_back(pool.submit(total, once.load()));
    for (auto &one : totals)
        CHECK(one.get() == 6);
    const holdfast::pickled made = pool.submit(make, 3).get();
    CHECK(made.load().call<std::string>("x") == "3x");

    const auto lambda = holdfast::eval<holdfast::object>("lambda: 1");
    CHECK(thrown_code<holdfast::conversion_error>([&] { pool.submit(total, lambda); }) == "HF340");
    CHECK(thrown_code<holdfast::conversion_error>([&] { pool.submit(unpicklable).get(); }) ==
          "HF340");
    holdfast::exec("class Here: pass\n");
    const auto here = holdfast::eval<holdfast::object>("Here()");
    CHECK(thrown_code<holdfast::conversion_error>([&] { pool.submit(total, here).get(); }) ==
          "HF341");
}

void preparation_that_fails(const holdfast::interpreter &python) {
    holdfast::subinterpreter_pool_config config{{2}};
    config.interpreter.imports = {"json", "scoring_is_not_here"};
    CHECK(thrown_code<holdfast::python_error>(
              [&] { holdfast::subinterpreter_pool pool(python, config); }) == "HF400");
    config.interpreter.imports = {};
    config.interpreter.startup = "raise ValueError('not today')";
    try {
        const holdfast::subinterpreter one(python, config.interpreter);
        CHECK(false);
    } catch (const holdfast::python_error &problem) {
        CHECK(problem.message() == "not today");
        CHECK(contains(problem.traceback(), "<startup>"));
    }
}

/// Only the main interpreter can have others.
void not_one_within_another(const holdfast::interpreter &python) {
    const holdfast::subinterpreter one(python);
    CHECK(thrown_code<holdfast::usage_error>(
              [&] { const holdfast::subinterpreter other(one.view()); }) == "HF241");
    CHECK(thrown_code<holdfast::usage_error>(
              [&] { holdfast::subinterpreter_pool pool(one.view()); }) == "HF241");
    const holdfast::subinterpreter third(holdfast::main_view());
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "scoring.py")
        << "prepared = 0\n"
           "counted = 0\n"
           "def score(text, base): return base + len(text)\n"
           "def count():\n"
           "    global counted\n"
           "    counted += 1\n"
           "    return counted if prepared == 7 else -1\n"
           "def by_sign(values):\n"
           "    return {'positive': [v for v in values if v > 0], 'negative': [v for v in values "
           "if v < 0]}\n"
           "def total(values): return sum(values)\n"
           "class Maker:\n"
           "    def __init__(self, number): self.number = number\n"
           "    def __call__(self, text): return str(self.number) + text\n"
           "def make(number): return Maker(number)\n"
           "def unpicklable(): return lambda: 1\n";
    holdfast::interpreter_config settings;
    settings.module_search_paths = {folder.path()};
    holdfast::interpreter python(settings);
    {
        holdfast::subinterpreter_pool_config config;
        config.threads = 3;
        config.interpreter.imports = {"scoring"};
        config.interpreter.startup = "import scoring\nscoring.prepared += 7\n";
        holdfast::subinterpreter_pool pool(python, config);
        each_has_its_own(pool);
        values_cross(pool);
        objects_cross_as_copies(pool);
    }
    {
        holdfast::subinterpreter_pool pool(python, 2);  // as for an executor, how many is enough
        CHECK(pool.threads() == 2);
        values_cross(pool);
        holdfast::subinterpreter_pool other(python, {{1}});
        CHECK(other.threads() == 1);
    }
    preparation_that_fails(python);
    not_one_within_another(python);
    CHECK(python.finalize(5s));
}
