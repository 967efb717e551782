// Integers of every width cross exactly in both directions; a value that does not fit, or a float, is refused.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "check.hpp"
#include "thrown.hpp"
#include "thrown_text.hpp"

namespace {

template <class T>
void limits_cross() {
    using limits = std::numeric_limits<T>;
    const holdfast::function<T(T)> identity{"__main__", "identity"};
    const holdfast::function<std::string(T)> text{"builtins", "str"};
    for (const T value :
         {limits::min(), limits::max(), static_cast<T>(limits::max() - 1), T{0}, T{1}}) {
        CHECK(identity(value) == value);
        CHECK(text(value) == std::to_string(value));
    }
    using list = std::vector<T>;
    const holdfast::function<list(list)> same{"__main__", "identity"};
    const list values{limits::min(), limits::max(), T{0}, T{1}};
    CHECK(same(values) == values);
    if (std::is_signed_v<T>)
        CHECK(identity(static_cast<T>(-1)) == static_cast<T>(-1));
    for (const std::string &number :
         {std::to_string(limits::max()) + " + 1", std::to_string(limits::min()) + " - 1",
          std::string("1 << 64"), std::string("-1 << 64"), std::string("10 ** 5000")}) {
        CHECK(thrown_code<holdfast::conversion_error>([&] { holdfast::eval<T>(number); }) ==
              "HF402");
        CHECK(thrown_code<holdfast::conversion_error>(
                  [&] { holdfast::eval<list>("[1, " + number + "]"); }) == "HF402");
        const holdfast::attach_guard attached;
        CHECK(PyErr_Occurred() == nullptr);
    }
}

template <class T, class Given>
constexpr bool takes = std::is_invocable_v<holdfast::function<void(T)>, Given>;

static_assert(takes<std::int32_t, std::int64_t> && takes<std::uint8_t, int> && takes<int, bool>);
static_assert(!takes<std::int64_t, double> && !takes<int, float> && !takes<int, const char *>);
// Classes that convert to a number are that number, and are not narrowed first.
static_assert(takes<std::int32_t, std::atomic<long long> &> &&
              takes<int, std::integral_constant<int, 5>> && takes<int, std::atomic<bool> &>);
static_assert(!takes<std::int32_t, std::atomic<double> &>);
#if defined(__SIZEOF_INT128__)
static_assert(!takes<std::int64_t, __int128>);
#endif
static_assert(takes<bool, bool> && !takes<bool, int> && !takes<bool, const char *>);

enum plain_enum : std::int8_t { minus_three = -3 };

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "def identity(value): return value\n"
        "class Index:\n"
        "    def __index__(self): return 300\n"
        "class Bad:\n"
        "    def __index__(self): raise KeyError('index')\n");
    limits_cross<std::int8_t>();
    limits_cross<std::uint8_t>();
    limits_cross<std::int16_t>();
    limits_cross<std::uint16_t>();
    limits_cross<std::int32_t>();
    limits_cross<std::uint32_t>();
    limits_cross<std::int64_t>();
    limits_cross<std::uint64_t>();
    limits_cross<long long>();
    limits_cross<unsigned long long>();

    // From C++: checked against the signature, never narrowed on the way.
    const holdfast::function<int(std::int8_t)> narrow{"__main__", "identity"};
    CHECK(narrow(127) == 127 && narrow(-128L) == -128 && narrow(minus_three) == -3);
    CHECK(narrow(std::atomic<std::int8_t>(5)) == 5);
    CHECK(thrown_code<holdfast::conversion_error>(
              [&] { narrow(std::atomic<long long>((1LL << 32) + 5)); }) == "HF402");
    for (const long long number : {128LL, -129LL, 1LL << 40})
        CHECK(contains(
            thrown_text<holdfast::conversion_error>([&] { narrow(number); }),
            "argument 1 'value': " + std::to_string(number) + " does not fit into int8_t"));
    CHECK(thrown_code<holdfast::conversion_error>([&] { narrow(~0ULL); }) == "HF402");
    const holdfast::function<int(std::uint32_t)> no_sign{"__main__", "identity"};
    CHECK(thrown_code<holdfast::conversion_error>([&] { no_sign(-1); }) == "HF402");

    CHECK(holdfast::eval<int>("True") == 1);
    CHECK(holdfast::eval<int>("Index()") == 300);
    CHECK(thrown_code<holdfast::conversion_error>(
              [] { holdfast::eval<std::uint8_t>("Index()"); }) == "HF402");
    CHECK(thrown_code<holdfast::python_error>([] { holdfast::eval<int>("Bad()"); }) == "HF400");
    for (const char *wrong : {"1.0", "'1'", "None", "[1]", "1j"})
        CHECK(thrown_code<holdfast::conversion_error>([&] { holdfast::eval<int>(wrong); }) ==
              "HF403");
    CHECK(contains(thrown_text<holdfast::conversion_error>([] { holdfast::eval<int>("2.0"); }),
                   "HF403 result of eval(\"2.0\"): wanted int, found float"));
    CHECK(contains(
        thrown_text<holdfast::conversion_error>([] { holdfast::eval<std::int32_t>("10**9 * 5"); }),
        "HF402 result of eval(\"10**9 * 5\"): 5000000000 does not fit into int32_t"));
    CHECK(
        contains(thrown_text<holdfast::conversion_error>([] { holdfast::eval<int>("1 << 20000"); }),
                 "a number of 20001 bits does not fit into int32_t"));
}
