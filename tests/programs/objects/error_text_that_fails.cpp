// Exceptions whose str(), name or traceback raises are still caught, with whatever text is available.
#include <holdfast/holdfast.hpp>

#include <cstring>
#include <string>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

holdfast::python_error catch_one(const char *code) {
    try {
        holdfast::exec(code);
    } catch (const holdfast::python_error &error) {
        return error;
    }
    check::fail(__FILE__, __LINE__, std::string("raised nothing: ") + code);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "class Mute(Exception):\n"
        "    def __str__(self):\n"
        "        raise KeyError('no text')\n"
        "class NotText(Exception):\n"
        "    def __str__(self):\n"
        "        return 5\n"
        "class Odd(Exception):\n"
        "    __module__ = 7\n");
    CHECK(catch_one("raise Mute()").message() == "<exception str() failed>");
    CHECK(catch_one("raise NotText()").message() == "<exception str() failed>");
    CHECK(catch_one("raise Odd('x')").type() == "Odd");
    CHECK(catch_one("raise ValueError('lone \\udc80')").message() == "lone \\udc80");
    CHECK(catch_one("raise ValueError('zero\\0byte')").message() == std::string("zero\0byte", 9));

    const holdfast::python_error empty = catch_one("raise ValueError");
    CHECK(empty.message().empty());
    CHECK(std::string(empty.what()).rfind("HF400 ValueError\n  do: ", 0) == 0);

    const holdfast::python_error huge = catch_one("raise ValueError('\u00e9' * 1_000_000)");
    CHECK(huge.message().size() == 2'000'000);
    CHECK(std::strlen(huge.what()) < 1000);
    CHECK(huge.traceback().size() > 2'000'000);

    // Without the traceback module there are still frames.
    holdfast::exec(
        "import sys, traceback\n"
        "kept = sys.modules['traceback']\n"
        "sys.modules['traceback'] = None\n"
        "def inner(): raise ValueError('plain')\n");
    const std::string plain = catch_one("inner()").traceback();
    CHECK(contains(plain,
                   "Traceback (most recent call last):\n  File \"<exec>\", line 1, in <module>\n"));
    CHECK(contains(plain, "File \"<exec>\", line 4, in inner\nValueError: plain\n"));
    CHECK(contains(plain, "the traceback module failed with ModuleNotFoundError"));

    holdfast::exec(
        "sys.modules['traceback'] = kept\n"
        "def broken(*_, **__): raise RuntimeError('formatter')\n"
        "original, kept.format_exception = kept.format_exception, broken\n");
    CHECK(contains(catch_one("inner()").traceback(),
                   "the traceback module failed with RuntimeError"));
    holdfast::exec("kept.format_exception = original");
    CHECK(contains(catch_one("inner()").traceback(), "ValueError: plain"));

    const holdfast::attach_guard attached;
    CHECK(PyErr_Occurred() == nullptr);
}
