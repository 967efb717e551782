// exec() and eval() run in __main__, attach without a guard, and are refused once Python has ended.
#include <holdfast/holdfast.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "thrown.hpp"

int main() {
    CHECK(thrown_code<holdfast::closed_error>([] { holdfast::exec("x = 1"); }) == "HF201");
    holdfast::interpreter python;
    holdfast::exec(
        "x = 40\n"
        "def f(y):\n"
        "    return x + y");
    CHECK(!holdfast::attached());
    std::thread([] {
        CHECK(holdfast::eval<int>("f(2)") == 42);
        CHECK(holdfast::eval<int>("  \t f(3)\n") == 43);
        CHECK(holdfast::eval<std::string>("__name__") == "__main__");
        CHECK(!holdfast::attached());
        const holdfast::attach_guard attached;
        CHECK((holdfast::eval<std::map<std::string, std::vector<double>>>("{'a': [1, 2.5]}") ==
               std::map<std::string, std::vector<double>>{{"a", {1.0, 2.5}}}));
        const auto list = holdfast::eval<holdfast::object>("[x]");
        CHECK(PyList_GET_SIZE(list.get()) == 1);
        holdfast::eval<void>("f(1)");
    }).join();
    holdfast::exec("text = 'caf\u00e9'");
    CHECK(holdfast::eval<std::string>("text[3]") == "\u00e9");
    holdfast::exec("# -*- coding: latin-1 -*-\ntext = '\u00e9'");  // always UTF-8, whatever it says
    CHECK(holdfast::eval<int>("len(text)") == 1);
    const char part[] = {'1', '+', '1', 'x', 'x'};
    CHECK(holdfast::eval<int>(std::string_view(part, 3)) == 2);
    holdfast::exec("");

    CHECK(python.finalize(std::chrono::seconds(5)));
    CHECK(thrown_code<holdfast::closed_error>([] { holdfast::eval<int>("1"); }) == "HF203");
}
