// An exception that is still set when a guard ends goes to sys.unraisablehook; the next attach starts clean.
#include <holdfast/interpreter.hpp>

#include <thread>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        run_python(
            "import sys\n"
            "seen = []\n"
            "sys.unraisablehook = lambda args: seen.append(repr(args.exc_value))");
    }
    std::thread([&] {
        for (long attaches = 1; attaches <= 2;
             ++attaches) {  // the first, which makes a state, and one with that
            {
                const holdfast::attach_guard attached(python.view());
                {
                    const holdfast::attach_guard nested;
                    PyErr_SetString(PyExc_ValueError, "left behind");
                }
                CHECK(PyErr_ExceptionMatches(
                    PyExc_ValueError));  // a nested end hands it to the outer caller
            }
            const holdfast::attach_guard attached(python.view());
            CHECK(PyErr_Occurred() == nullptr);
            CHECK(number_of_python("len(seen)") == attaches);
            CHECK(text_of_python("seen[-1]") == "ValueError('left behind')");
        }
    }).join();
}
