// Text crosses unchanged, with zeros and beyond the BMP; invalid Unicode is an error that names the place.
#include <holdfast/holdfast.hpp>

#include <string>
#include <string_view>

#include "check.hpp"
#include "thrown_text.hpp"

int main() {
    using namespace std::string_literals;
    holdfast::interpreter python;
    holdfast::exec("def identity(value): return value\n");
    const holdfast::function<std::string(std::string_view)> identity{"__main__", "identity"};
    const holdfast::function<std::string(const std::string &)> by_string{"__main__", "identity"};
    const holdfast::function<int(std::string)> length{"builtins", "len"};
    for (const std::string &text :
         {""s, "plain"s, "a\0b"s, "\u00e9\u20ac"s, "\U0001F40D"s, std::string(100'000, 'x')}) {
        CHECK(identity(text) == text);
        CHECK(by_string(text) == text);
    }
    // Of every length, with one character that is not ASCII at every place in it
    for (std::size_t size = 0; size < 70; ++size) {
        const std::string plain(size, 'x');
        CHECK(identity(plain) == plain && length(plain) == static_cast<int>(size));
        for (std::size_t at = 0; at <= size; ++at) {
            const std::string text = plain.substr(0, at) + "\u00e9" + plain.substr(at);
            CHECK(identity(text) == text && length(text) == static_cast<int>(size) + 1);
        }
    }
    CHECK(length("\U0001F40D\u00e9x") == 3 && length("a\0b"s) == 3);

    struct {
        std::string text;
        const char *at;
    } const invalid[] = {{"ab\xff", "byte 2"}, {"\xc3", "byte 0"}, {"x\xed\xb2\x80", "byte 1"}};
    for (const auto &[text, at] : invalid) {
        const std::string what =
            thrown_text<holdfast::conversion_error>([&, &bad = text] { identity(bad); });
        CHECK(contains(
            what,
            "HF401 __main__.identity() argument 1 'value': the string is not valid UTF-8 at "));
        CHECK(contains(what, at));
    }
    CHECK(contains(
        thrown_text<holdfast::conversion_error>([] { holdfast::eval<std::string>("'ab\\udcff'"); }),
        "HF403 result of eval(\"'ab\\udcff'\"): the str cannot be encoded as UTF-8, because of a "
        "lone surrogate at index 2"));
    for (const char *wrong : {"b'bytes'", "None", "5", "['x']"})
        CHECK(contains(
            thrown_text<holdfast::conversion_error>([&] { holdfast::eval<std::string>(wrong); }),
            "wanted str, found "));
    const holdfast::attach_guard attached;
    CHECK(PyErr_Occurred() == nullptr);
}
