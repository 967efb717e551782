// *args, **kwargs, positional-only and keyword-only parameters and overloads are called as Python defines them.
#include <holdfast/calls/variadic.hpp>
#include <holdfast/holdfast.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

using holdfast::args;
using holdfast::defaulted;
using holdfast::kwargs;
using holdfast::use_default;

constexpr const char *source = R"(
def show(*args, **kwargs): return f'{args} {kwargs}'
def mixed(first, /, *values, strict=False, deep=0, **labels):
    return f'{first} {values} {strict} {deep} {labels}'
def only(a, b=2, /, c=3, *, d=4): return f'{a} {b} {c} {d}'
class Log:
    def write(self, *parts, sep=' '): return sep.join(parts)
class Loud(Log):
    def write(self, *parts, **more): return super().write(*parts, **more).upper()
def parse(text, base=None): return int(text, base) if base else len(text)
)";

using holdfast::function;
using holdfast::variadic_function;

void rests() {
    const variadic_function<std::string(args<std::int64_t>, kwargs<std::string>)> show{"__main__",
                                                                                       "show"};
    CHECK(show() == "() {}" && show({}) == "() {}" && show({1, 2}) == "(1, 2) {}");
    CHECK(show({1}, {{"a", "b"}, {"c", "d"}}) == "(1,) {'a': 'b', 'c': 'd'}");
    CHECK(show(use_default, {{"k", "v"}}) == "() {'k': 'v'}");
    const std::vector<std::int64_t> many(300, 7);
    CHECK(show(many).size() == 300 * 3 + 3);
    const variadic_function<std::string(std::string_view, args<std::string>, defaulted<bool>,
                                        defaulted<std::int64_t>, kwargs<double>)>
        mixed{"__main__", "mixed", {"strict", "deep"}};
    CHECK(mixed("x") == "x () False 0 {}");
    CHECK(mixed("x", {"a", "b"}, true, 5, {{"t", 1.5}}) == "x ('a', 'b') True 5 {'t': 1.5}");
    CHECK(mixed("x", {}, use_default, 5) == "x () False 5 {}");
    const variadic_function<std::string(kwargs<std::int64_t>)> named{"__main__", "show"};
    CHECK(named({{"n", 1}}) == "() {'n': 1}");

    CHECK(contains(thrown_text<holdfast::conversion_error>([&] { mixed("x", {"a", "\xff"}); }),
                   "HF401 __main__.mixed() argument 2[1]: the string is not valid UTF-8"));
    const variadic_function<void(int, kwargs<int>)> twice{"__main__", "only"};
    CHECK(contains(
        thrown_text<holdfast::python_error>([&] { twice(1, {{"c", 1}, {"d", 2}, {"e", 3}}); }),
        "HF400 TypeError: only() got an unexpected keyword argument 'e'"));
}

void by_place_and_name() {
    const function<std::string(int, defaulted<int>, defaulted<int>, defaulted<int>)> only{
        "__main__", "only", {"d"}};
    CHECK(only(1) == "1 2 3 4" && only(1, 5) == "1 5 3 4" && only(1, 5, 6, 7) == "1 5 6 7");
    CHECK(only(1, use_default, use_default, 9) == "1 2 3 9");
    CHECK(thrown_text<holdfast::usage_error>([&] { only(1, use_default, 6); }).rfind("HF406", 0) ==
          0);
    const holdfast::overloads parse{
        function<std::int64_t(std::string_view)>{"__main__", "parse"},
        function<std::int64_t(std::string_view, std::int64_t)>{"__main__", "parse"}};
    CHECK(parse("777") == 3 && parse("777", 8) == 511);
}

void methods() {
    const holdfast::variadic_method<std::string(args<std::string>, defaulted<std::string>)> write{
        "__main__", "Log.write", {"sep"}};
    const auto log = holdfast::eval<holdfast::object>("Log()");
    CHECK(write(log, {"a", "b"}) == "a b" && write(log, {"a", "b"}, "-") == "a-b" &&
          write(log).empty());
    CHECK(write(holdfast::eval<holdfast::object>("Loud()"), {"a", "b"}, "-") == "A-B");
    CHECK(contains(thrown_text<holdfast::usage_error>([&] { write(holdfast::object(), {"a"}); }),
                   "HF408 "));
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(source);
    for (int round = 0; round < 100; ++round) {
        rests();
        by_place_and_name();
        methods();
    }
    const holdfast::attach_guard attached;
    CHECK(PyErr_Occurred() == nullptr);
}
