// holdfast/lifecycle/subinterpreter_config.hpp: how a sub-interpreter begins.
//
// Must not include <Python.h>.
#pragma once

#include <string>
#include <vector>

namespace holdfast {

struct subinterpreter_config {
    /// Share the main interpreter's GIL, and so allow extension modules that refuse
    /// sub-interpreters with a GIL of their own. Before CPython 3.12 it is shared in any case. On a
    /// free-threaded build they are refused all the same.
    bool shared_gil = false;

    /// Modules to import before anybody else comes in, in this order. On CPython 3.12 and 3.13,
    /// with a GIL of its own, they are first imported in the main interpreter.
    std::vector<std::string> imports;

    /// Python code that is run after that, in __main__.
    std::string startup;
};

}  // namespace holdfast
