// isolated_executor: values, exceptions and named arguments cross, in a host that never starts Python.
// deadline: 60
#include <holdfast/calls/handle.hpp>
#include <holdfast/holdfast.hpp>
#include <holdfast/isolated.hpp>

#include <array>
#include <chrono>
#include <complex>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"
#include "thrown.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using holdfast::function;

namespace {

const char *const app = R"(
import collections, fractions, pathlib

def same(value): return value
def nothing(value): pass
def kind(value): return type(value).__name__
def search(text, *, limit=10, strict=False): return f"{text} {limit} {strict}"
def fail():
    try:
        {}["missing"]
    except KeyError as problem:
        raise ValueError("no such\nthing \udc80") from problem
def leave(): raise SystemExit(7)
class Int(int): pass
class Floaty:
    def __float__(self): return 2.5
def number(): return Int(5)
def floaty(): return Floaty()
def counted(): return (i * i for i in range(4))
def keys(): return {3: 0, 1: 0}.keys()
def surrogate(): return "a\udc80"
def endless():
    made = []
    made.append(made)
    return made
def shared():
    one = ["x"]
    return [one, one]
def deep(levels):
    made = []
    for _ in range(levels): made = [made]
    return made
def wide(): return 1 << 80
def custom(): return Floaty
class Meta:
    async def score(self): pass
    @staticmethod
    def twice(x): return 2 * x
)";

template <class T>
void round_trip(holdfast::isolated_executor &pool, const T &value) {
    static const function<T(T)> same{"app", "same"};
    CHECK(pool.call(same, value) == value);
    CHECK(pool.submit(same, value).get() == value);
    CHECK(pool.submit_named<T>("app", "same", value).get() == value);
}

void check_values(holdfast::isolated_executor &pool) {
    round_trip(pool, true);
    for (const std::int64_t value : std::initializer_list<std::int64_t>{
             0, 1, -1, 255, 256, 65535, 65536, -32769, 2147483647, 2147483648, -2147483649,
             std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
        round_trip<std::int64_t>(pool, value);
    round_trip<std::uint64_t>(pool, std::numeric_limits<std::uint64_t>::max());
    round_trip<std::int8_t>(pool, -128);
    for (const double value : {0.0, -1.5, 1e300, std::numeric_limits<double>::infinity()})
        round_trip(pool, value);
    round_trip(pool, 1.5F);
    for (const std::size_t size : {0U, 1U, 255U, 256U, 70000U}) {
        round_trip(pool, std::string(size, 'x'));
        round_trip(pool, holdfast::bytes{std::string(size, '\xff')});
    }
    round_trip(pool, std::string("gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\x8d"));
    round_trip(pool, std::optional<int>());
    round_trip(pool, std::optional<int>(5));
    round_trip(pool, std::vector<double>(1000, 0.25));
    round_trip(pool, std::vector<std::string>{"a", "", "b"});
    round_trip(pool, std::vector<std::vector<int>>{{1}, {}, {2, 3}});
    round_trip(pool, std::map<std::string, int>{{"a", 1}, {"b", 2}});
    round_trip(pool, std::set<int>{1, 2, 3});
    round_trip(pool, holdfast::frozen_set<int>{1, 2});
    round_trip(pool, std::pair<int, std::string>{1, "a"});
    round_trip(pool, std::tuple<>());
    round_trip(pool, std::tuple<int, double, std::string, bool>{1, 2.5, "a", true});
    round_trip(pool, std::array<int, 3>{1, 2, 3});
    round_trip(pool, std::variant<int, double, std::string>{2.0});
    round_trip(pool, std::variant<int, double, std::string>{2});
    round_trip(pool, std::complex<double>{1, -2});
    round_trip(pool, std::filesystem::path("/tmp/\xff"));
    round_trip(pool, holdfast::date{2024, 2, 29});
    round_trip(pool, holdfast::time_of_day{23, 59, 59, 999999, -90min, true});
    round_trip(pool, holdfast::date_time{{1, 1, 1}, {}});
    round_trip(pool, std::chrono::milliseconds(-1500));
    round_trip(pool, holdfast::utc_time(std::chrono::microseconds(1234567890123456)));
}

/// What a local call accepts of Python, and what it refuses.
void check_conversions(holdfast::isolated_executor &pool) {
    CHECK(pool.submit_named<int>("app", "number").get() == 5);
    CHECK(pool.submit_named<double>("app", "number").get() == 5);
    CHECK(pool.submit_named<double>("app", "floaty").get() == 2.5);
    CHECK(pool.submit_named<std::vector<int>>("app", "counted").get() ==
          (std::vector<int>{0, 1, 4, 9}));
    CHECK(pool.submit_named<std::set<int>>("app", "keys").get() == (std::set<int>{1, 3}));
    CHECK(pool.submit_named<std::vector<std::vector<std::string>>>("app", "shared").get() ==
          (std::vector<std::vector<std::string>>{{"x"}, {"x"}}));
    CHECK(pool.submit_named<std::string>("app", "kind", holdfast::bytes{"x"}).get() == "bytes");
    CHECK(pool.submit_named<std::string>("app", "kind", nullptr).get() == "NoneType");
    CHECK(pool.submit_named<double>("app", "wide").get() == 1208925819614629174706176.0);
    pool.submit_named<void>("app", "custom").get();
    pool.call(function<void(int)>{"app", "nothing"}, 1);
    CHECK(pool.submit_named<int>("app", "Meta.twice", 4).get() == 8);
    CHECK(pool.submit_named<double>("math", "sqrt", 4).get() == 2);

    using holdfast::conversion_error;
    const auto code = [&](auto &&result) {
        return thrown_code<conversion_error>([&] { (void)result.get(); });
    };
    CHECK(code(pool.submit_named<int>("app", "floaty")) == "HF403");
    CHECK(code(pool.submit_named<int>("app", "wide")) == "HF402");
    CHECK(code(pool.submit_named<std::int8_t>("app", "same", 128)) == "HF402");
    CHECK(code(pool.submit_named<std::string>("app", "surrogate")) == "HF403");
    CHECK(code(pool.submit_named<std::string>("app", "nothing", 1)) == "HF403");
    CHECK(code(pool.submit_named<std::string>("app", "custom")) == "HF403");
    CHECK(code(pool.submit_named<std::vector<int>>("app", "same", "text")) == "HF403");
    CHECK(thrown_code<conversion_error>(
              [&] { (void)pool.submit_named<int>("app", "same", "\xff"); }) == "HF401");
    try {
        pool.submit_named<std::vector<int>>("app", "same", std::vector<double>{1, 2.5}).get();
        CHECK(false);
    } catch (const conversion_error &problem) {
        CHECK(contains(problem.what(), "result of app.same()[0]: wanted int, found float"));
    }
    CHECK_THROWS(holdfast::python_error,
                 pool.submit_named<std::vector<int>>("app", "endless").get());
    CHECK_THROWS(holdfast::error, pool.submit_named<std::vector<int>>("app", "deep", 900).get());
    CHECK(pool.call(function<int(int)>{"app", "same"}, 1) == 1);
}

void check_names(holdfast::isolated_executor &pool) {
    const function<std::string(std::string_view, holdfast::defaulted<std::int64_t>,
                               holdfast::defaulted<bool>)>
        search{"app", "search", {"limit", "strict"}};
    CHECK(pool.call(search, "a") == "a 10 False");
    CHECK(pool.submit(search, "a", 5).get() == "a 5 False");
    CHECK(pool.submit(search, "a", holdfast::use_default, true).get() == "a 10 True");
}

void check_exceptions(holdfast::isolated_executor &pool) {
    try {
        pool.submit_named<int>("app", "fail").get();
        CHECK(false);
    } catch (const holdfast::python_error &raised) {
        CHECK(std::string(raised.code()) == "HF400" && raised.type() == "ValueError");
        CHECK(raised.message() == "no such\nthing \\udc80");
        CHECK(contains(raised.traceback(), "KeyError: 'missing'"));
        CHECK(contains(raised.traceback(), "app.py"));
        CHECK(!contains(raised.traceback(), "holdfast worker"));
        CHECK(!raised.exception());
        static const holdfast::exception_class value_error("builtins", "ValueError");
        static const holdfast::exception_class of_a_module("elsewhere", "ValueError");
        CHECK(value_error.matches(raised));
        CHECK(!of_a_module.matches(raised));
        // holdfast: ignore[HF601] is to be refused
        CHECK_THROWS(holdfast::usage_error, raised.restore());
    }
    try {
        pool.submit_named<int>("app", "leave").get();
        CHECK(false);
    } catch (const holdfast::python_error &raised) {
        CHECK(raised.type() == "SystemExit" && raised.exit_code() == 7);
    }
    const auto type_of = [&](const char *module, const char *name) -> std::string {
        try {
            pool.submit_named<int>(module, name).get();
        } catch (const holdfast::python_error &raised) {
            return raised.type();
        }
        return "";
    };
    CHECK(type_of("no_such_module", "f") == "ModuleNotFoundError");
    CHECK(type_of("app", "no_such_name") == "AttributeError");
    CHECK(type_of("app", "same") == "TypeError");
    CHECK(type_of("app", "__file__") == "TypeError");
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    {
        holdfast::isolated_executor pool(with_workers(2, folder));
        CHECK(pool.workers() == 2);
        check_values(pool);
        check_conversions(pool);
        check_names(pool);
        check_exceptions(pool);
        CHECK(pool.drain(10s) && pool.waiting() == 0);
    }
    CHECK(Py_IsInitialized() == 0);
}
