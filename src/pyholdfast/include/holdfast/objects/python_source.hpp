// holdfast/objects/python_source.hpp: runs Python source of ours, for one thing that it defines.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <holdfast/annotations.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// What `source` defines as `name`. A new reference, or null with an error set.
/// \param file  its name in tracebacks.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline owned defined_by(const char *source,
                                                                        const char *file,
                                                                        const char *name) noexcept {
    const owned names(PyDict_New());
    const owned code(names ? Py_CompileString(source, file, Py_file_input) : nullptr);
    if (!code || PyDict_SetItemString(names.get(), "__builtins__", PyEval_GetBuiltins()) != 0)
        return {};
    const owned done(PyEval_EvalCode(code.get(), names.get(), names.get()));
    return owned(done ? PyMapping_GetItemString(names.get(), name) : nullptr);
}

}  // namespace holdfast::detail
