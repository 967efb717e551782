// isolated_executor: an exception that cannot be described, or only at length, is still a python_error.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <fstream>
#include <string>

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

namespace {

const char *const app = R"(
import enum, os

class Leaves(Exception):
    def __str__(self): raise SystemExit(3)
class NotAText(Exception):
    def __str__(self): return 5
class Meta(type):
    def __getattribute__(cls, name): raise RuntimeError("not even its name")
class Nameless(Exception, metaclass=Meta): pass
class Closed(Exception):
    def __getattribute__(self, name): raise KeyError(name)
class Untraced(Exception):
    @property
    def __traceback__(self): return 5
class NoStatus(SystemExit):
    @property
    def code(self): raise ValueError("no status")
class Text(str):
    def __len__(self): return -1
class Unusual(Exception):
    def __str__(self): return Text("a text")
class Status(enum.IntEnum):
    FAILED = 3

def str_exits(): raise Leaves()
def str_is_wrong(): raise NotAText()
def class_has_no_name(): raise Nameless("x")
def is_long(): raise ValueError("x" * 10_000_000)
def status_is_large(): raise SystemExit(10 ** 30)
def has_no_attributes(): raise Closed("x")
def has_no_traceback(): raise Untraced("x")
def has_no_status(): raise NoStatus("x")
def has_unusual_text(): raise Unusual()
def status_is_enum(): raise SystemExit(Status.FAILED)
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
    holdfast::isolated_config config = with_workers(1, folder);
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
    CHECK(error_of(pool, "has_no_attributes").type() == "app.Closed");
    CHECK(error_of(pool, "has_no_traceback").type() == "app.Untraced");
    CHECK(error_of(pool, "has_no_status").type() == "app.NoStatus");
    CHECK(error_of(pool, "has_unusual_text").message() == "a text");
    CHECK(error_of(pool, "status_is_enum").exit_code() == 3);
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
