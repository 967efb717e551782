// Each kind of C++ exception becomes its Python one; a Python exception passes through C++ as the same object.
#include <holdfast/holdfast.hpp>

#include <exception>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>

#include "check.hpp"
#include "thrown_text.hpp"

namespace {

template <class Throw>
std::string seen_by_python(Throw &&raise) {
    const holdfast::object callback = holdfast::callable("raise_it", [raise] { raise(); });
    holdfast::function<std::string(const holdfast::object &)> seen{"__main__", "seen"};
    return seen(callback);
}

struct not_an_exception {};

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "def seen(callback):\n"
        "    try:\n"
        "        callback()\n"
        "    except BaseException as error:\n"
        "        return f'{type(error).__name__}: {error}'\n"
        "    return 'nothing'\n");
    CHECK(seen_by_python([] { throw std::runtime_error("r"); }) == "RuntimeError: r");
    CHECK(seen_by_python([] { throw std::out_of_range("o"); }) == "IndexError: o");
    CHECK(seen_by_python([] { throw std::invalid_argument("i"); }) == "ValueError: i");
    CHECK(seen_by_python([] { throw std::bad_alloc(); }) == "MemoryError: ");
    CHECK(seen_by_python([] { throw std::logic_error("not UTF-8: \xff"); }) ==
          "RuntimeError: not UTF-8: \uFFFD");
    CHECK(seen_by_python([] { throw not_an_exception(); }) ==
          "RuntimeError: unknown C++ exception");
    CHECK(seen_by_python([] { throw 5; }) == "RuntimeError: unknown C++ exception");
    CHECK(seen_by_python([] {}) == "nothing");
    CHECK(contains(
        seen_by_python([] { throw holdfast::closed_error(holdfast::closed_reason::stale); }),
        "RuntimeError: HF204 "));
    CHECK(contains(seen_by_python([] { throw holdfast::conversion_error("HF401", "p", "r"); }),
                   "TypeError: "));
    CHECK(contains(seen_by_python([] { throw holdfast::conversion_error("HF402", "p", "r"); }),
                   "OverflowError: "));
    CHECK(seen_by_python([] { holdfast::exec("raise LookupError('through C++')"); }) ==
          "LookupError: through C++");
    CHECK(seen_by_python([] { holdfast::exec("raise SystemExit(3)"); }) == "SystemExit: 3");

    // Not merely an equal one.
    holdfast::exec(
        "error = KeyError('the one')\n"
        "def same(callback):\n"
        "    try:\n"
        "        callback()\n"
        "    except KeyError as caught:\n"
        "        return caught is error\n");
    const holdfast::object callback =
        holdfast::callable("raise_it", [] { holdfast::exec("raise error"); });
    CHECK(holdfast::function<bool(holdfast::object)>("__main__", "same")(callback));
}
