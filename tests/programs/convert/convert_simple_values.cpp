// bool, float, None and bytes cross unchanged, and no other type is accepted for them.
#include <holdfast/holdfast.hpp>

#include <cmath>
#include <limits>
#include <string>

#include "check.hpp"
#include "thrown.hpp"
#include "thrown_text.hpp"

namespace {

template <class T>
std::string refused(const char *expression) {
    return thrown_code<holdfast::conversion_error>([&] { holdfast::eval<T>(expression); });
}

void floats() {
    using limits = std::numeric_limits<double>;
    const holdfast::function<double(double)> identity{"__main__", "identity"};
    for (const double value : {0.0, 1.5, -1.5, limits::min(), limits::max(), limits::lowest(),
                               limits::denorm_min(), limits::infinity(), -limits::infinity()})
        CHECK(identity(value) == value);
    CHECK(std::signbit(identity(-0.0)));
    CHECK(std::isnan(identity(limits::quiet_NaN())));
    CHECK(holdfast::eval<double>("3") == 3.0 && holdfast::eval<double>("True") == 1.0);
    CHECK(holdfast::eval<double>("__import__('decimal').Decimal('2.5')") == 2.5);
    CHECK(refused<double>("10 ** 400") == "HF402");
    for (const char *wrong : {"'1.0'", "None", "1j", "[]"})
        CHECK(refused<double>(wrong) == "HF403");
    CHECK(thrown_code<holdfast::python_error>([] { holdfast::eval<double>("Bad()"); }) == "HF400");

    CHECK(holdfast::eval<float>("0.1") == 0.1F);
    CHECK(std::isinf(holdfast::eval<float>("float('inf')")));
    CHECK(refused<float>("1e39") == "HF402");
    CHECK((holdfast::function<double(float)>("__main__", "identity")(0.5F) == 0.5));
}

void truth() {
    const holdfast::function<bool(bool)> identity{"__main__", "identity"};
    CHECK(identity(true) && !identity(false));
    for (const char *wrong : {"1", "0", "None", "''", "[True]"})
        CHECK(refused<bool>(wrong) == "HF403");
}

void none_and_nothing() {
    CHECK((holdfast::function<bool(std::nullptr_t)>("__main__", "is_none")(nullptr)));
    CHECK(holdfast::eval<std::nullptr_t>("None") == nullptr);
    CHECK(refused<std::nullptr_t>("0") == "HF403");
    holdfast::eval<void>("'anything is dropped'");
    CHECK(contains(thrown_text<holdfast::conversion_error>([] { holdfast::eval<double>("None"); }),
                   "take it as std::optional"));
}

void raw_bytes() {
    const holdfast::function<holdfast::bytes(holdfast::bytes_view)> identity{"__main__",
                                                                             "identity"};
    std::string every;
    for (int i = 0; i < 256; ++i)
        every += static_cast<char>(i);
    CHECK(identity({every.data(), every.size()}).data == every);
    CHECK(identity(holdfast::bytes{"a\0b"}).data == "a");
    CHECK(identity({nullptr, 0}).data.empty());
    CHECK((holdfast::function<std::string(holdfast::bytes)>(
               "builtins", "repr")(holdfast::bytes{every.substr(0, 2)}) == "b'\\x00\\x01'"));
    CHECK(holdfast::eval<holdfast::bytes>("bytearray(b'xy')").data == "xy");
    for (const char *wrong : {"'text'", "None", "[1, 2]", "memoryview(b'x')"})
        CHECK(refused<holdfast::bytes>(wrong) == "HF403");
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "def identity(value): return value\n"
        "def is_none(value): return value is None\n"
        "class Bad:\n"
        "    def __float__(self): raise KeyError('float')\n");
    floats();
    truth();
    none_and_nothing();
    raw_bytes();
}
