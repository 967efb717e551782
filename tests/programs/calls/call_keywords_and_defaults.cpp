// Parameters are passed by name if names are listed; those with a default in Python can be left out.
#include <holdfast/holdfast.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

using holdfast::defaulted;
using holdfast::use_default;

const holdfast::function<std::string(std::string_view, defaulted<int>, defaulted<bool>)> search{
    "__main__", "search", {"limit", "strict"}};
const holdfast::function<std::string(std::string_view, int, bool)> search_all{
    "__main__", "search", {"limit", "strict"}};
const holdfast::function<std::string(int, defaulted<int>, defaulted<int>)> positional{"__main__",
                                                                                      "positional"};
const holdfast::function<std::string(defaulted<std::vector<int>>)> list{"__main__", "takes_list"};
const holdfast::function<std::string(defaulted<std::optional<std::string>>)> maybe{
    "__main__", "takes_list", {"values"}};

static_assert(std::is_invocable_v<decltype(search), const char *>);
static_assert(!std::is_invocable_v<decltype(search)>);
static_assert(!std::is_invocable_v<decltype(search), const char *, int, bool, int>);
static_assert(!std::is_invocable_v<decltype(search_all), const char *, int>);
static_assert(!std::is_invocable_v<decltype(search), const char *, double>);

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "def search(text, *, limit=10, strict=False): return f'{text} {limit} {strict}'\n"
        "def positional(a, b=2, c=3): return f'{a} {b} {c}'\n"
        "def takes_list(values='default'): return f'{values}'\n");
    for (int i = 0; i < 3; ++i) {
        CHECK(search("a") == "a 10 False");
        CHECK(search("a", 5) == "a 5 False");
        CHECK(search("a", 5, true) == "a 5 True");
        CHECK(search("a", use_default, true) == "a 10 True");
        CHECK(search("a", use_default, use_default) == "a 10 False");
        CHECK(search("a", 7, use_default) == "a 7 False");
        CHECK(search_all("b", 1, false) == "b 1 False");
        CHECK(positional(1) == "1 2 3");
        CHECK(positional(1, 5) == "1 5 3");
        CHECK(positional(1, 5, 6) == "1 5 6");
        CHECK(positional(1, use_default, use_default) == "1 2 3");
        CHECK(list() == "default");
        CHECK(list(std::vector<int>{1, 2}) == "[1, 2]");
        CHECK(maybe() == "default");
        CHECK(maybe(std::nullopt) == "None");
        CHECK(maybe("text") == "text");
    }
    CHECK(contains(thrown_text<holdfast::usage_error>([] { positional(1, use_default, 6); }),
                   "HF406 __main__.positional(): argument 2 was left out, but argument 3"));
    CHECK(contains(
        thrown_text<holdfast::conversion_error>([] { search("a", 1LL << 40); }),
        "HF402 __main__.search() argument 2 'limit': 1099511627776 does not fit into int32_t"));
    const holdfast::function<void(std::string_view, int)> misspelt{"__main__", "search", {"limt"}};
    CHECK(contains(thrown_text<holdfast::python_error>([&] { misspelt("a", 1); }),
                   "unexpected keyword argument 'limt'"));
}
