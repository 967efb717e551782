// A python_error has type, message and traceback with causes: detached, on any thread, and after the end.
#include <holdfast/holdfast.hpp>

#include <cstring>
#include <exception>
#include <string>
#include <thread>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

std::exception_ptr raise_in_worker() {
    std::exception_ptr caught;
    std::thread([&] {
        try {
            holdfast::eval<int>("outer()");
        } catch (const holdfast::python_error &) {
            caught = std::current_exception();
        }
    }).join();
    return caught;
}

void check_text(const std::exception_ptr &caught) {
    try {
        std::rethrow_exception(caught);
    } catch (const holdfast::python_error &error) {
        CHECK(error.type() == "Refused");
        CHECK(error.message() == "cannot go on: caf\u00e9\nsecond line");
        CHECK(!error.exit_code());
        const std::string first_line(error.what(), std::strcspn(error.what(), "\n"));
        CHECK(first_line == "HF400 Refused: cannot go on: caf\u00e9 ...");
        CHECK(contains(error.what(), "\n  do: "));
        CHECK(std::strcmp(error.code(), "HF400") == 0);
        const std::string &traceback = error.traceback();
        CHECK(contains(traceback, "Traceback (most recent call last):\n"));
        CHECK(contains(traceback, "line 3, in inner"));
        CHECK(contains(traceback, "ZeroDivisionError: division by zero"));
        CHECK(contains(traceback, "direct cause of the following exception"));
        CHECK(contains(traceback, "line 8, in outer"));
        CHECK(contains(traceback, "Refused: cannot go on: caf\u00e9\nsecond line\n"));
    }
}

}  // namespace

int main() {
    std::exception_ptr caught, of_module;
    {
        holdfast::interpreter python;
        holdfast::exec(
            "class Refused(Exception): pass\n"
            "def inner():\n"
            "    return 1 / 0\n"
            "def outer():\n"
            "    try:\n"
            "        inner()\n"
            "    except ZeroDivisionError as cause:\n"
            "        raise Refused('cannot go on: caf\u00e9\\nsecond line') from cause\n");
        caught = raise_in_worker();
        check_text(caught);
        try {
            holdfast::exec("import json; json.loads('{')");
        } catch (const holdfast::python_error &error) {
            CHECK(error.type() == "json.decoder.JSONDecodeError");
        }
        CHECK(python.finalize(std::chrono::seconds(5)));
    }
    check_text(caught);
}
