// A host that finds another Python than it was built for stops with HF231, which names both.
#include <holdfast/interpreter.hpp>

#include <string>

#include "check.hpp"
#include "contains.hpp"
#include "refusal_of.hpp"

// In place of libpython's: the loader takes the program's own. tests/test_wrong_python.py does it with two
// real Pythons.
extern "C" const char *Py_GetVersion() {
    return "3.9.18 (main, Jan  1 2026, 00:00:00) [GCC 12.2.0]";
}

int main() {
    const std::string said = refusal_of({}, "HF231");
    CHECK(contains(said, "CPython 3.9"));
    CHECK(contains(said, "CPython " + std::to_string(PY_MAJOR_VERSION) + '.' +
                             std::to_string(PY_MINOR_VERSION)));
    CHECK(contains(said, "\n  do: "));
    CHECK(Py_IsInitialized() == 0);
}
