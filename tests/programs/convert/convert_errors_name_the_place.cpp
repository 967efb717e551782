// A conversion error names the function, argument, its name, the path to the element, the wanted and the found type.
#include <holdfast/holdfast.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

template <class T>
std::string result_error(const char *expression) {
    return thrown_text<holdfast::conversion_error>([&] { holdfast::eval<T>(expression); });
}

}  // namespace

int main() {
    using texts = std::vector<std::string>;
    using levels = std::map<std::string, std::vector<std::tuple<int, double>>>;
    holdfast::interpreter python;
    holdfast::exec(
        "def place(order, levels): pass\n"
        "class Book:\n"
        "    def add(self, level): pass\n"
        "    @classmethod\n"
        "    def make(cls, levels): pass\n"
        "class Call:\n"
        "    def __call__(self, level): pass\n"
        "call = Call()\n"
        "class Own: pass\n");
    CHECK(contains(result_error<levels>("{'a': [(1, 2.5), (2, 'x')]}"),
                   "HF403 result of eval(\"{'a': [(1, 2.5), (2, 'x')]}\")['a'][1][1]: "
                   "wanted float, found str\n  do: "));
    CHECK(contains(result_error<levels>("{'a': [(1, 2.5)], 5: []}"),
                   " key 5: wanted str, found int"));
    CHECK(contains(result_error<levels>("{'a': [(1 << 40, 2.5)]}"),
                   "['a'][0][0]: 1099511627776 does not fit into int32_t"));
    CHECK(contains(result_error<levels>("{'a': [(1, 2.5, 3)]}"),
                   "['a'][0]: wanted tuple of 2, found tuple of 3"));
    CHECK(contains(result_error<std::vector<std::uint8_t>>("[1, 2, 256]"),
                   "[2]: 256 does not fit into uint8_t"));
    CHECK(contains(result_error<int>("Own()"), "wanted int, found Own"));
    CHECK(contains(result_error<int>("__import__('decimal').Decimal(1)"),
                   "wanted int, found decimal.Decimal"));

    const auto argument_error = [](const auto &function, const auto &...arguments) {
        return thrown_text<holdfast::conversion_error>([&] { function(arguments...); });
    };
    const texts bad{"good", "\xff"};
    CHECK(contains(
        argument_error(holdfast::function<void(int, texts)>("__main__", "place"), 1, bad),
        "HF401 __main__.place() argument 2 'levels'[1]: the string is not valid UTF-8 at byte 0"));
    CHECK(contains(argument_error(holdfast::function<void(texts)>("__main__", "Book.make"), bad),
                   "HF401 __main__.Book.make() argument 1 'levels'[1]: "));
    CHECK(contains(argument_error(holdfast::function<void(texts)>("builtins", "len"), bad),
                   "HF401 builtins.len() argument 1[1]: "));  // no Python function: no names
    CHECK(contains(argument_error(holdfast::function<void(texts)>("__main__", "call"), bad),
                   "HF401 __main__.call() argument 1[1]: "));
    CHECK(contains(
        argument_error(holdfast::function<void(int, std::int8_t)>("__main__", "place", {"levels"}),
                       1, 200),
        "HF402 __main__.place() argument 2 'levels': 200 does not fit into int8_t"));
    CHECK(contains(
        argument_error(holdfast::function<void(std::map<std::string, int>)>("builtins", "len"),
                       std::map<std::string, int>{{"\xff", 1}}),
        "argument 1[0]: the string is not valid UTF-8"));
    CHECK(contains(argument_error(holdfast::function<void(holdfast::object)>("builtins", "len"),
                                  holdfast::object()),
                   "argument 1: wanted an object, found an empty holdfast::object"));

    const std::string long_text = result_error<int>(("'" + std::string(500, 'x') + "'").c_str());
    CHECK(contains(long_text, "xxx...\"): wanted int, found str") && long_text.size() < 300);
    const holdfast::attach_guard attached;
    CHECK(PyErr_Occurred() == nullptr);
}
