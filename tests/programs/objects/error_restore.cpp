// restore() returns the same exception object to Python; on a thread that is not attached it is refused.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <optional>
#include <thread>

#include "check.hpp"
#include "thrown.hpp"

int main() {
    std::optional<holdfast::python_error> kept;
    {
        holdfast::interpreter python;
        try {
            holdfast::exec("error = ValueError('once')\nraise error");
        } catch (const holdfast::python_error &error) {
            kept = error;
        }
        CHECK(kept);
        // holdfast: ignore[HF601] is to be refused
        CHECK(thrown_code<holdfast::usage_error>([&] { kept->restore(); }) == "HF216");
        std::thread([&] {
            const holdfast::attach_guard attached;
            kept->restore();
            CHECK(PyErr_ExceptionMatches(PyExc_ValueError));
            const holdfast::python_error again;
            CHECK(PyErr_Occurred() == nullptr);
            CHECK(again.exception().get() == kept->exception().get());
            CHECK(again.exception().get() == holdfast::eval<holdfast::object>("error").get());
            kept->restore();  // as often as wanted
            PyErr_Clear();
        }).join();

        holdfast::subinterpreter sub(python);
        {
            const holdfast::attach_guard elsewhere(sub);
            CHECK(thrown_code<holdfast::usage_error>([&] { kept->restore(); }) == "HF216");
        }
        CHECK(sub.finalize(std::chrono::seconds(10)));

        const holdfast::attach_guard attached;
        const holdfast::python_error nothing_was_raised;
        CHECK(nothing_was_raised.type() == "SystemError");
    }
    CHECK(thrown_code<holdfast::closed_error>([&] { kept->restore(); }) == "HF203");
    CHECK(thrown_code<holdfast::usage_error>([] { const holdfast::python_error detached; }) ==
          "HF216");
}
