// holdfast/lifecycle/subinterpreter_config.hpp: the settings for a new sub-interpreter.
//
// Must not include <Python.h>.
#pragma once

#include <string>
#include <vector>

namespace holdfast {

struct subinterpreter_config {
    /// Share the main interpreter's GIL, which allows extension modules that refuse
    /// sub-interpreters with their own GIL. Before CPython 3.12 the GIL is always shared. A
    /// free-threaded build refuses these modules all the same.
    bool shared_gil = false;

    /// Modules to import, in this order, before any other thread attaches. On CPython 3.12 and
    /// 3.13, with its own GIL, they are first imported in the main interpreter.
    std::vector<std::string> imports;

    /// Python code to run after that, in __main__.
    std::string startup;
};

}  // namespace holdfast
