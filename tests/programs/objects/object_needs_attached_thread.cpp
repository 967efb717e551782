// A detached thread cannot make an object from a raw pointer, because its interpreter is unknown.
#include <holdfast/interpreter.hpp>
#include <holdfast/objects/object.hpp>

#include "check.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter python;
    CHECK(thrown_code<holdfast::usage_error>([] { (void)holdfast::object::borrow(Py_None); }) ==
          "HF216");
    CHECK(thrown_code<holdfast::usage_error>([] { (void)holdfast::object::steal(Py_None); }) ==
          "HF216");
    // holdfast: ignore[HF601] null needs nobody
    CHECK(!holdfast::object::steal(nullptr));

    const holdfast::attach_guard attached(python.view());
    const holdfast::object none = holdfast::object::borrow(Py_None);
    CHECK(none.get() == Py_None && none.view() == python.view());
}
