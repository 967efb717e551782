// Nested containers cross in both directions, empty and full; an iterable is accepted for a list.
#include <holdfast/holdfast.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "check.hpp"
#include "thrown.hpp"

namespace {

template <class T>
void crosses(const T &value, const char *as_python) {
    const holdfast::function<T(T)> identity{"__main__", "identity"};
    const holdfast::function<std::string(T)> shown{"builtins", "repr"};
    CHECK(identity(value) == value);
    CHECK(shown(value) == as_python);
    CHECK(holdfast::eval<T>(as_python) == value);
}

}  // namespace

int main() {
    using numbers = std::vector<int>;
    using table = std::map<std::string, numbers>;
    holdfast::interpreter python;
    holdfast::exec(
        "from collections import OrderedDict, namedtuple\n"
        "from types import MappingProxyType\n"
        "def identity(value): return value\n"
        "Pair = namedtuple('Pair', 'a b')\n");
    crosses(numbers{}, "[]");
    crosses(numbers{1, -2, 3}, "[1, -2, 3]");
    crosses(std::vector<bool>{true, false}, "[True, False]");
    crosses(std::vector<std::string>{"a", ""}, "['a', '']");
    crosses(std::optional<int>{}, "None");
    crosses(std::optional<int>{5}, "5");
    crosses(std::vector<std::optional<double>>{1.5, std::nullopt}, "[1.5, None]");
    crosses(table{}, "{}");
    crosses(table{{"x", {1}}, {"y", {}}}, "{'x': [1], 'y': []}");
    crosses(std::unordered_map<int, std::string>{{1, "one"}}, "{1: 'one'}");
    crosses(std::pair<int, std::string>{1, "a"}, "(1, 'a')");
    crosses(std::tuple<>{}, "()");
    crosses(std::tuple<int>{7}, "(7,)");
    crosses(
        std::tuple<int, std::optional<table>, std::vector<std::pair<double, bool>>>{
            1, table{{"k", {2, 3}}}, {{0.5, true}}},
        "(1, {'k': [2, 3]}, [(0.5, True)])");

    const numbers three{1, 2, 3};
    for (const char *iterable :
         {"(1, 2, 3)", "range(1, 4)", "iter([1, 2, 3])", "{1: 0, 2: 0, 3: 0}.keys()",
          "(i for i in (1, 2, 3))", "__import__('array').array('i', [1, 2, 3])"})
        CHECK(holdfast::eval<numbers>(iterable) == three);
    CHECK((holdfast::eval<std::map<int, int>>("MappingProxyType({1: 2})") ==
           std::map<int, int>{{1, 2}}));
    CHECK((holdfast::eval<std::map<int, int>>("OrderedDict([(1, 2)])") ==
           std::map<int, int>{{1, 2}}));
    CHECK((holdfast::eval<std::pair<int, int>>("Pair(1, 2)") == std::pair{1, 2}));
    CHECK((holdfast::eval<std::pair<int, int>>("[1, 2]") == std::pair{1, 2}));

    for (const char *wrong : {"5", "None", "'123'", "b'123'", "bytearray(b'1')", "{1: 2}"})
        CHECK(thrown_code<holdfast::conversion_error>([&] { holdfast::eval<numbers>(wrong); }) ==
              "HF403");
    for (const char *wrong : {"[(1, 2)]", "None", "'ab'", "5"})
        CHECK((thrown_code<holdfast::conversion_error>(
                   [&] { holdfast::eval<std::map<int, int>>(wrong); }) == "HF403"));
    for (const char *wrong : {"(1,)", "(1, 2, 3)", "{1, 2}", "'ab'"})
        CHECK((thrown_code<holdfast::conversion_error>(
                   [&] { holdfast::eval<std::pair<int, int>>(wrong); }) == "HF403"));
    CHECK(thrown_code<holdfast::python_error>(
              [] { holdfast::eval<numbers>("(1 // (1 - i) for i in range(3))"); }) == "HF400");

    // Views are taken as arguments, also inside a container, and braces make a value.
    const holdfast::function<int(std::vector<std::string_view>)> count{"builtins", "len"};
    CHECK(count({"a", "b"}) == 2);
}
