// isolated_executor: an exception that cannot be described, or only at length, is still a python_error.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <fstream>
#include <string>

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"

namespace {

const char *const app = R"(
import os

class Leaves(Exception):
    def __str__(self): raise SystemExit(3)
class NotAText(Exception):
    def __str__(self): return 5
class Meta(type):
    def __getattribute__(cls, name): raise RuntimeError("not even its name")
class Nameless(Exception, metaclass=Meta): pass

def str_exits(): raise Leaves()
def str_is_wrong(): raise NotAText()
def class_has_no_name(): raise Nameless("x")
def is_long(): raise ValueError("x" * 10_000_000)
def status_is_large(): raise SystemExit(10 ** 30)
def unusual(): raise ValueError("\ud800 \0 \x1b[31m")
def is_its_own_cause():
    problem = ValueError("me")
    problem.__cause__ = problem
    raise problem
def process(): return os.getpid()
)";

holdfast::python_error error_of(holdfast::isolated_executor &pool, const char *name) {
    try {
        pool.submit_named<void>("app", name).get();
    } catch (const holdfast::python_error &raised) {
        return raised;
    }
    check::fail(__FILE__, __LINE__, "no python_error");
}

void check_in(const scratch_folder &folder, std::size_t result_limit) {
    holdfast::isolated_config config;
    config.workers = 1;
    config.module_search_paths = {folder.path()};
    config.result_limit = result_limit;
    holdfast::isolated_executor pool(config);
    const long before = pool.submit_named<long>("app", "process").get();
    CHECK(error_of(pool, "str_exits").type() == "app.Leaves");
    CHECK(error_of(pool, "str_is_wrong").type() == "app.NotAText");
    CHECK(error_of(pool, "class_has_no_name").type() == "app.Nameless");
    const std::string text = error_of(pool, "is_long").message();
    CHECK(contains(text, "xxxxxxxx"));
    CHECK(result_limit < 10000000 ? text.size() < result_limit : text.size() == 10000000);
    CHECK(error_of(pool, "status_is_large").type() == "SystemExit");
    CHECK(error_of(pool, "unusual").message() == std::string("\\ud800 \0 \x1b[31m", 14));
    CHECK(error_of(pool, "is_its_own_cause").message() == "me");
    CHECK(pool.submit_named<long>("app", "process").get() == before);
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    check_in(folder, holdfast::isolated_config().result_limit);
    check_in(folder, 100000);
}
