// object and PyObject * pass unchanged, and every reference count is the same before and after.
#include <holdfast/holdfast.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "def identity(value): return value\n"
        "def fail(*values): raise ValueError(len(values))\n"
        "def listed(value): return [value, value]\n");
    const holdfast::attach_guard attached(python.view());
    const auto value = holdfast::eval<holdfast::object>("object()");
    const auto count = [&] { return Py_REFCNT(value.get()); };
    const auto alone = count();

    const holdfast::function<holdfast::object(holdfast::object)> identity{"__main__", "identity"};
    const holdfast::function<holdfast::object(PyObject *)> identity_raw{"__main__", "identity"};
    const holdfast::function<std::vector<holdfast::object>(holdfast::object)> listed{"__main__",
                                                                                     "listed"};
    for (int i = 0; i < 100; ++i) {
        CHECK(identity(value).get() == value.get());
        CHECK(identity_raw(value.get()).get() == value.get());
        CHECK(listed(value).at(1).get() == value.get());
        CHECK(identity(holdfast::object::borrow(Py_None)).get() == Py_None);
    }
    CHECK(count() == alone);

    // Arguments are dropped when the call raises, and when a later argument cannot be converted.
    const holdfast::function<void(holdfast::object, std::string)> fail{"__main__", "fail"};
    const holdfast::function<int(std::map<std::string, holdfast::object>)> as_int{"__main__",
                                                                                  "identity"};
    for (int i = 0; i < 100; ++i) {
        CHECK_THROWS(holdfast::python_error, fail(value, "x"));
        CHECK_THROWS(holdfast::conversion_error, fail(value, "\xff"));
        CHECK_THROWS(holdfast::conversion_error, as_int({{"a", value}, {"b", value}}));
        CHECK_THROWS(holdfast::conversion_error, as_int({{"a", value}, {"\xff", value}}));
    }
    CHECK(count() == alone);
}
