// A host that finds another Python than it was built for stops with HF231, which names both.
#include <holdfast/interpreter.hpp>

#include <string>

#include "check.hpp"

// In place of libpython's: the loader takes the program's own. tests/test_wrong_python.py does it with two
// real Pythons.
extern "C" const char *Py_GetVersion() { return "3.9.18 (main, Jan  1 2026, 00:00:00) [GCC 12.2.0]"; }

int main() {
    std::string said;
    try {
        holdfast::interpreter python;
    } catch (const holdfast::startup_error &error) {
        CHECK(std::string(error.code()) == "HF231");
        said = error.what();
    }
    CHECK(said.find("CPython 3.9") != std::string::npos);
    CHECK(said.find("CPython " + std::to_string(PY_MAJOR_VERSION) + '.' + std::to_string(PY_MINOR_VERSION)) !=
          std::string::npos);
    CHECK(said.find("\n  do: ") != std::string::npos);
    CHECK(Py_IsInitialized() == 0);
}
