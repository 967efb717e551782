// Sets, arrays, complex, unions, paths, dates, UUIDs, decimals cross in both directions; what does not fit is refused.
// short-run: no
#include <holdfast/convert/complex.hpp>
#include <holdfast/convert/path.hpp>
#include <holdfast/convert/sets_and_arrays.hpp>
#include <holdfast/convert/time.hpp>
#include <holdfast/convert/uuid_decimal_bytes.hpp>
#include <holdfast/convert/variant.hpp>
#include <holdfast/holdfast.hpp>

#include <array>
#include <chrono>
#include <complex>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

using namespace std::chrono_literals;

template <class T>
void crosses(const T &value, const char *as_python) {
    const holdfast::function<T(T)> identity{"__main__", "identity"};
    const holdfast::function<bool(T, holdfast::object)> same{"__main__", "same"};
    CHECK(identity(value) == value);
    CHECK(holdfast::eval<T>(as_python) == value);
    CHECK(same(value, holdfast::eval<holdfast::object>(as_python)));
}

/// The problem and its message.
template <class T>
void refused(const char *expression, const char *message) {
    const std::string text =
        thrown_text<holdfast::conversion_error>([&] { holdfast::eval<T>(expression); });
    if (!contains(text, message))
        check::fail(__FILE__, __LINE__, std::string(expression) + ": " + text);
}

template <class T>
void refused_argument(const T &value, const char *message) {
    const holdfast::function<void(T)> identity{"__main__", "identity"};
    const std::string text = thrown_text<holdfast::conversion_error>([&] { identity(value); });
    if (!contains(text, message))
        check::fail(__FILE__, __LINE__, std::string(message) + ": " + text);
}

void containers() {
    crosses(std::set<int>{3, 1}, "{1, 3}");
    crosses(std::set<std::string>{}, "set()");
    crosses(std::unordered_set<std::string>{"a"}, "{'a'}");
    crosses(holdfast::frozen_set<int>{1, 2}, "frozenset({1, 2})");
    crosses(std::set<holdfast::frozen_set<int>>{{1}, {}}, "{frozenset({1}), frozenset()}");
    crosses(std::array<int, 2>{4, 5}, "[4, 5]");
    crosses(holdfast::variadic_tuple<int>{1, 2, 3}, "(1, 2, 3)");
    crosses(std::set<holdfast::variadic_tuple<int>>{{1, 2}}, "{(1, 2)}");
    CHECK(holdfast::eval<std::set<int>>("{5: 0}.keys()") == std::set<int>{5});
    CHECK((holdfast::eval<std::array<int, 2>>("(1, 2)") == std::array{1, 2}));
    refused<std::set<int>>("[1]", "wanted set, found list");
    refused<std::set<int>>("{'a'}", "['a']: wanted int, found str");
    refused<std::array<int, 2>>("[1]", "wanted list of 2, found list of 1");
    refused<std::array<int, 2>>("{1, 2}", "wanted list of 2, found set");
}

void numbers_and_unions() {
    using std::complex;
    crosses(complex<double>(1.5, -2), "1.5-2j");
    crosses(complex<float>(0, 1), "1j");
    CHECK(holdfast::eval<complex<double>>("2") == complex<double>(2, 0));
    refused<complex<double>>("'1j'", "wanted complex, found str");
    refused<complex<double>>("1 << 2000", "a number of 2001 bits does not fit into double");
    refused<complex<float>>("1e300j", "does not fit into float");

    using scalar = std::variant<double, bool, std::int64_t, std::string>;
    crosses(scalar(2.5), "2.5");
    crosses(scalar(true), "True");
    crosses(scalar(std::int64_t{1}), "1");
    crosses(scalar(std::string("x")), "'x'");
    using nested = std::variant<std::vector<int>, std::vector<std::string>, std::nullptr_t>;
    crosses(nested(std::vector<std::string>{"a"}), "['a']");
    crosses(nested(nullptr), "None");
    CHECK(std::get<double>(holdfast::eval<std::variant<double, std::string>>("3")) == 3);
    refused<scalar>("b''", "wanted float or bool or int or str, found bytes");
    refused<std::variant<std::vector<int>, std::string>>("[1, 'x']", "[1]: wanted int, found str");
    refused<std::variant<std::int8_t, std::string>>("300", "wanted int or str, found int");
}

/// Each alternative of a union sees all items of an iterator, and what is no number is left to the next.
void unions_of_lists() {
    using lists = std::variant<std::vector<int>, std::vector<std::string>>;
    const auto texts = holdfast::eval<lists>("iter(['a', 'b', 'c'])");
    CHECK(std::get<1>(texts) == (std::vector<std::string>{"a", "b", "c"}));
    const auto mixed = holdfast::eval<std::variant<std::vector<int>, holdfast::object>>(
        "(item for item in (1, 2, 'c'))");
    const holdfast::function<std::size_t(holdfast::object)> length{"builtins", "len"};
    CHECK(length(std::get<1>(mixed)) == 3);
    refused<lists>("iter([1, 'a'])", "wanted list or list, found list_iterator");
    const std::vector<double> both{1, 2};
    CHECK(std::get<1>(holdfast::eval<std::variant<double, std::vector<double>>>("Several()")) ==
          both);
    CHECK(
        (std::get<1>(holdfast::eval<std::variant<int, std::vector<double>>>("Several()")) == both));
    refused<double>("Several()", "wanted float, found Several (not one number)");
    refused<int>("Several()", "wanted int, found Several (not one number)");
    refused<std::complex<double>>("Several()", "wanted complex, found Several");
}

/// NaN is not less than any key, so that an ordered container would take other keys for equal to it.
void keys_that_have_no_order() {
    refused<std::map<double, int>>("{1.0: 1, nan: 2, 2.0: 3}",
                                   "nan does not fit into an ordered container");
    refused<std::set<double>>("{1.0, nan}", "nan does not fit into an ordered container");
    refused<holdfast::frozen_set<float>>("frozenset([nan])", "does not fit");
    refused<std::set<std::pair<int, double>>>("{(1, nan)}", "does not fit");
    refused<std::set<std::variant<double, std::string>>>("{1.0, nan}", "does not fit");
    refused<std::map<std::pair<int, std::variant<std::string, double>>, int>>("{(1, nan): 2}",
                                                                              "does not fit");
    refused<std::set<holdfast::variadic_tuple<double>>>("{(1, nan)}", "does not fit");
    CHECK((holdfast::eval<std::unordered_map<double, int>>("{1.0: 1, nan: 2}").size() == 2));
    CHECK(holdfast::eval<std::unordered_set<double>>("{1.0, nan}").size() == 2);
    CHECK((holdfast::eval<std::map<int, double>>("{1: nan}").size() == 1));
    CHECK(holdfast::eval<std::vector<double>>("[nan]").size() == 1);
}

void text_like() {
    using holdfast::byte_array;
    using holdfast::decimal;
    using holdfast::uuid;
    namespace fs = std::filesystem;
    crosses(fs::path("/a/b"), "__import__('pathlib').Path('/a/b')");
    crosses(holdfast::eval<fs::path>("'caf\\xe9'"), "__import__('pathlib').Path('caf\\xe9')");
    if (fs::path::preferred_separator == '/')  // elsewhere a name is text, not bytes
        crosses(fs::path("caf\xc3\xa9/\xff"),
                "__import__('pathlib').Path(__import__('os').fsdecode(b'caf\\xc3\\xa9/\\xff'))");
    CHECK(holdfast::eval<fs::path>("b'/x'") == "/x");
    refused<fs::path>("5", "wanted path, found int");
    refused<fs::path>("'a\\0b'", "wanted path, found text that cannot be a file name");
    uuid id;
    id.bytes = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 1, 2, 3, 4, 5, 6, 7, 8};
    CHECK(id.text() == "12345678-9abc-def0-0102-030405060708");
    crosses(id, "__import__('uuid').UUID('12345678-9abc-def0-0102-030405060708')");
    refused<uuid>("'12345678-9abc-def0-0102-030405060708'", "wanted uuid.UUID, found str");
    crosses(decimal{"-12.50"}, "__import__('decimal').Decimal('-12.50')");
    CHECK(holdfast::eval<decimal>("7").text == "7");
    CHECK(holdfast::eval<decimal>("Colour.RED").text == "7");
    CHECK(holdfast::eval<decimal>("Price('1.50')").text == "1.50");
    refused<decimal>("1.5", "wanted decimal.Decimal, found float");
    refused<decimal>("True", "wanted decimal.Decimal, found bool");
    refused_argument(decimal{"a lot"}, "wanted decimal.Decimal, found the text 'a lot'");
    crosses(byte_array{std::string("a\0b", 3)}, "bytearray(b'a\\0b')");
    refused<byte_array>("'a'", "wanted bytearray, found str");
}

/// A clock that counts in other ticks than Python, whose years are 1 to 9999.
void points_in_time() {
    using std::chrono::microseconds;
    using std::chrono::system_clock;
    using in_seconds = std::chrono::time_point<system_clock, std::chrono::seconds>;
    using in_nanoseconds = std::chrono::time_point<system_clock, std::chrono::nanoseconds>;
    crosses(in_nanoseconds(-1us), "dt.datetime(1969, 12, 31, 23, 59, 59, 999999, dt.timezone.utc)");
    crosses(in_seconds(-1s), "dt.datetime(1969, 12, 31, 23, 59, 59, 0, dt.timezone.utc)");
    crosses(in_seconds(std::chrono::seconds(253402300799)),
            "dt.datetime(9999, 12, 31, 23, 59, 59, 0, dt.timezone.utc)");
    refused<in_nanoseconds>("dt.datetime(9999, 12, 31, tzinfo=dt.timezone.utc)",
                            "9999-12-31 00:00:00+00:00 does not fit into the C++ time_point");
    refused<in_seconds>("dt.datetime(1969, 12, 31, 23, 59, 58, 500000, dt.timezone.utc)",
                        "does not fit into the C++ time_point");
    refused_argument(in_seconds::max(), "does not fit into datetime.datetime");
    refused_argument(in_seconds(std::chrono::seconds(253402300800)),
                     "does not fit into datetime.datetime");
    refused_argument(holdfast::utc_time::min(), "does not fit into datetime.datetime");
    // Rounded down, before 1970 as well
    const holdfast::function<std::int64_t(in_nanoseconds)> microsecond{"__main__", "microsecond"};
    CHECK(microsecond(in_nanoseconds(1999ns)) == 1);
    CHECK(microsecond(in_nanoseconds(-1ns)) == 999999);
    CHECK(microsecond(in_nanoseconds(-1001ns)) == 999998);
    const holdfast::date_time first = holdfast::date_time::from_instant(holdfast::utc_time::min());
    CHECK(first.time.hour == 19 && first.time.minute == 59 && first.time.microsecond == 224192);
}

void time() {
    using holdfast::date;
    using holdfast::date_time;
    using holdfast::time_of_day;
    using holdfast::utc_time;
    constexpr std::chrono::microseconds east = 2h;
    crosses(date{2024, 2, 29}, "dt.date(2024, 2, 29)");
    crosses(date{1, 1, 1}, "dt.date.min");
    crosses(time_of_day{23, 59, 58, 999999, {}, true}, "dt.time(23, 59, 58, 999999, fold=1)");
    crosses(time_of_day{1, 2, 3, 4, east, false},
            "dt.time(1, 2, 3, 4, dt.timezone(dt.timedelta(hours=2)))");
    crosses(date_time{{2024, 2, 29}, {1, 2, 3, 4, {}, false}},
            "dt.datetime(2024, 2, 29, 1, 2, 3, 4)");
    crosses(date_time{{2024, 2, 29}, {1, 2, 3, 4, -east, false}},
            "dt.datetime(2024, 2, 29, 1, 2, 3, 4, dt.timezone(dt.timedelta(hours=-2)))");
    refused<date>("dt.datetime(2024, 1, 1)", "wanted datetime.date, found datetime.datetime");
    refused<date_time>("dt.date(2024, 1, 1)", "wanted datetime.datetime, found datetime.date");
    refused<time_of_day>("5", "wanted datetime.time, found int");
    refused_argument(date{2023, 2, 29}, "does not fit into datetime.date");
    refused_argument(time_of_day{24, 0, 0, 0, {}, false}, "does not fit into datetime.time");
    refused_argument(time_of_day{0, 0, 0, 0, 25h, false}, "does not fit into a UTC offset");

    // Every day of 800 years, and the ends of the range: C++ and Python agree.
    crosses(utc_time(-1us), "dt.datetime(1969, 12, 31, 23, 59, 59, 999999, dt.timezone.utc)");
    CHECK(holdfast::eval<utc_time>(
              "dt.datetime(2024, 2, 29, 3, tzinfo=dt.timezone(dt.timedelta(hours=2)))") ==
          utc_time(std::chrono::hours(474769)));
    const auto ordinals = holdfast::eval<std::vector<date>>(
        "[dt.date.fromordinal(i) for i in range(584388, 876582)]");
    for (std::size_t i = 0; i < ordinals.size(); ++i) {
        const auto days = static_cast<std::int64_t>(i) + 584388 - 719163;
        CHECK(holdfast::detail::days_of(ordinals[i]) == days &&
              holdfast::detail::date_of(days) == ordinals[i]);
    }
    for (const char *end : {"dt.date.min", "dt.date.max"}) {
        const date day = holdfast::eval<date>(end);
        CHECK(holdfast::detail::date_of(holdfast::detail::days_of(day)) == day);
    }
    refused<utc_time>("dt.datetime(2024, 1, 1)",
                      "wanted aware datetime.datetime, found a naive one");
    points_in_time();
    const date_time naive{{2024, 1, 2}, {12, 0, 0, 0, {}, false}};
    const date_time noon_east{{2024, 1, 2}, {12, 0, 0, 0, east, false}};
    const date_time noon_utc{{2024, 1, 2}, {12, 0, 0, 0, std::chrono::hours(0), false}};
    const date_time eve_west{{2024, 1, 1}, {23, 0, 0, 0, -std::chrono::hours(20), false}};
    CHECK(naive < noon_east && noon_east < noon_utc && noon_utc < eve_west &&
          !(eve_west < noon_utc));
    CHECK(naive < date_time{{2024, 1, 3}, {}} && !(naive < naive) &&
          noon_east.time < noon_utc.time);
    CHECK(thrown_text<holdfast::usage_error>([] {
              (void)date_time().instant();
          }).rfind("HF409", 0) == 0);

    using std::chrono::microseconds;
    crosses(microseconds(-1), "dt.timedelta(microseconds=-1)");
    crosses(std::chrono::hours(-30), "dt.timedelta(days=-2, hours=18)");
    crosses(std::chrono::duration<double>(1.5), "dt.timedelta(seconds=1.5)");
    CHECK(holdfast::eval<std::chrono::nanoseconds>("dt.timedelta(microseconds=3)") == 3000ns);
    refused<std::chrono::seconds>("dt.timedelta(seconds=1.5)",
                                  "does not fit into the C++ duration");
    refused<microseconds>("dt.timedelta.max", "does not fit into 64 bits of microseconds");
    refused<std::chrono::nanoseconds>("dt.timedelta(days=200000)",
                                      "does not fit into the C++ duration");
    refused<microseconds>("5", "wanted datetime.timedelta, found int");
    refused_argument(std::chrono::nanoseconds(1), "1 ticks does not fit into whole microseconds");
    refused_argument(std::chrono::hours(std::numeric_limits<std::chrono::hours::rep>::max()),
                     "does not fit");
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "import datetime as dt, decimal, enum\n"
        "nan = float('nan')\n"
        "class Colour(int, enum.Enum):\n"
        "    RED = 7\n"
        "class Price(decimal.Decimal):\n"
        "    def __str__(self): return 'a price'\n"
        "class Several:\n"
        "    def __float__(self): raise TypeError('not one number')\n"
        "    def __index__(self): raise TypeError('not one number')\n"
        "    def __iter__(self): return iter((1.0, 2.0))\n"
        "def identity(value): return value\n"
        "def microsecond(value): return value.microsecond\n"
        "def same(value, other): return type(value) is type(other) and value == other and "
        "repr(value) == repr(other)\n");
    containers();
    numbers_and_unions();
    unions_of_lists();
    keys_that_have_no_order();
    text_like();
    time();
    const holdfast::attach_guard attached;
    CHECK(PyErr_Occurred() == nullptr);
}
