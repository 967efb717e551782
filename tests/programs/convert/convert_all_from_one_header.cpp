// holdfast.hpp alone converts values of the standard library: numbers, text, containers, paths, times, functions.
// precompiled: no
// short-run: no
#include <holdfast/holdfast.hpp>

#include <array>
#include <chrono>
#include <complex>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "check.hpp"

namespace {

/// The value that Python gets and returns.
template <class T>
void there_and_back(const T &value, const char *type) {
    const holdfast::function<T(T)> same{"__main__", "same"};
    const holdfast::function<std::string(T)> type_of{"__main__", "type_of"};
    CHECK(same(value) == value);
    CHECK(type_of(value) == type);
}

}  // namespace

int main() {
    using namespace std::chrono_literals;
    holdfast::interpreter python;
    holdfast::exec(
        "def same(value): return value\n"
        "def type_of(value): return type(value).__name__\n"
        "def apply(what, number): return what(number)");
    there_and_back(true, "bool");
    there_and_back(7L, "int");
    there_and_back(2.5, "float");
    there_and_back(std::complex<double>(1, 2), "complex");
    there_and_back(std::string("text"), "str");
    there_and_back(holdfast::bytes{"bytes"}, "bytes");
    there_and_back(std::optional<int>(5), "int");
    there_and_back(std::vector<int>{1, 2}, "list");
    there_and_back(std::array<int, 2>{1, 2}, "list");
    there_and_back(std::set<int>{1, 2}, "set");
    there_and_back(std::unordered_set<std::string>{"a"}, "set");
    there_and_back(std::map<std::string, int>{{"a", 1}}, "dict");
    there_and_back(std::unordered_map<int, std::string>{{1, "a"}}, "dict");
    there_and_back(std::pair<int, std::string>(1, "a"), "tuple");
    there_and_back(std::tuple<int, double>(1, 2), "tuple");
    there_and_back(std::variant<int, std::string>("a"), "str");
    there_and_back(std::filesystem::path("/a/b"), std::filesystem::path::preferred_separator == L'/'
                                                      ? "PosixPath"
                                                      : "WindowsPath");
    there_and_back(90s, "timedelta");
    const holdfast::function<int(std::function<int(int)>, int)> apply{"__main__", "apply"};
    CHECK(apply([](int number) { return 2 * number; }, 4) == 8);
    CHECK(python.finalize(5s));
}
