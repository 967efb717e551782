// holdfast/calls/run.ipp: the bodies of run.hpp.
#pragma once

#include <holdfast/calls/run.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY owned run_text(const std::string &text, const char *file_name,
                                         int start) {
    if (std::strlen(text.c_str()) != text.size()) {  // the compiler would stop there silently
        PyErr_SetString(PyExc_SyntaxError, "source code cannot contain null bytes");
        throw_python_error();
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags = PyCF_SOURCE_IS_UTF8 | PyCF_IGNORE_COOKIE;
    const owned code = demand(Py_CompileStringFlags(text.c_str(), file_name, start, &flags));
    PyObject *const module = PyImport_AddModule("__main__");  // borrowed
    if (module == nullptr)
        throw_python_error();
    PyObject *const names = PyModule_GetDict(module);  // borrowed
    return demand(PyEval_EvalCode(code.get(), names, names));
}

}  // namespace holdfast::detail
