// An exception in source text is a python_error with the right line, whether the text compiles or not.
#include <holdfast/holdfast.hpp>

#include <string>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

template <class Action>
holdfast::python_error caught(Action &&action) {
    try {
        action();
    } catch (const holdfast::python_error &error) {
        return error;
    }
    check::fail(__FILE__, __LINE__, "nothing was raised");
}

}  // namespace

int main() {
    using namespace std::string_view_literals;
    holdfast::interpreter python;
    const auto syntax = caught([] { holdfast::exec("x = 1\ny = = 2\n"); });
    CHECK(syntax.type() == "SyntaxError");
    CHECK(contains(syntax.message(), "<exec>, line 2"));

    const auto runtime = caught([] {
        holdfast::exec(
            "def f():\n"
            "\n"
            "    return missing\n"
            "\n"
            "f()\n");
    });
    CHECK(runtime.type() == "NameError");
    CHECK(contains(runtime.traceback(), "File \"<exec>\", line 5, in <module>"));
    CHECK(contains(runtime.traceback(), "File \"<exec>\", line 3, in f"));

    CHECK(caught([] { holdfast::eval<int>("x = 1"); }).type() == "SyntaxError");
    CHECK(caught([] { holdfast::eval<int>(""); }).type() == "SyntaxError");
    CHECK(caught([] { holdfast::eval<int>("   "); }).type() == "SyntaxError");
    CHECK(contains(caught([] { holdfast::eval<int>("1 // 0"); }).traceback(),
                   "File \"<eval>\", line 1, in <module>"));
    CHECK(caught([] { holdfast::exec("x = 1\0y = 2"sv); }).message() ==
          "source code cannot contain null bytes");
    CHECK(caught([] { holdfast::exec("x = '\xff'"); }).type() == "SyntaxError");
    CHECK(caught([] { holdfast::exec("raise KeyboardInterrupt"); }).type() == "KeyboardInterrupt");
    CHECK(holdfast::eval<bool>("'x' not in globals()"));  // nothing of it was run
}
