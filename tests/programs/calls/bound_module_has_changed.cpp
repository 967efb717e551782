// The first call of a bound function names what is missing or has changed, with the hash.
// precompiled: no
// short-run: no
#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>

#include <fstream>
#include <string>

#include "check.hpp"
#include "scratch_folder.hpp"
#include "thrown_text.hpp"

namespace {

using holdfast::detail::expect;

// Of: def score(a: int) -> int
constexpr auto as_it_was = expect("0123456789abcdef", "def score(a: int) -> int");
const holdfast::function<int(int)> changed{"bound_scores", "score", &as_it_was};
const holdfast::function<int(int)> lost{"bound_scores", "scores", &as_it_was};
const holdfast::function<int(int)> gone{"no_bound_scores", "score", &as_it_was};
const holdfast::function<int(int)> without_source{"bound_made", "score", &as_it_was};

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "bound_scores.py") << "def score(a: str) -> int:\n    return 1\n";
    holdfast::interpreter_config config;
    config.module_search_paths = {folder.path()};
    holdfast::interpreter python(config);
    holdfast::exec(
        "import sys, types\n"
        "made = sys.modules['bound_made'] = types.ModuleType('bound_made')\n"
        "made.score = lambda a: a + 1\n");

    for (int turn = 0; turn < 2; ++turn) {  // it stays an error
        const std::string text = thrown_text<holdfast::bound_error>([] { changed(1); });
        CHECK(contains(text, "HF511 'bound_scores.score' has changed"));
        CHECK(contains(text, "def score(a: int) -> int") && contains(text, "0123456789abcdef"));
    }
    CHECK(contains(thrown_text<holdfast::bound_error>([] { lost(1); }),
                   "HF510 module 'bound_scores' has lost 'scores'"));
    CHECK(contains(thrown_text<holdfast::bound_error>([] { gone(1); }),
                   "HF510 there is no module 'no_bound_scores'"));
    CHECK(without_source(1) == 2);
    CHECK(python.finalize(std::chrono::seconds(20)));
}
