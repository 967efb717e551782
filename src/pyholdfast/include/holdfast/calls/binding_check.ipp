// holdfast/calls/binding_check.ipp: the bodies of binding_check.hpp.
#pragma once

#include <holdfast/calls/binding_check.hpp>

#include <string>

namespace holdfast::detail {

/// The function of fingerprint_program, made once per interpreter; empty with an error set.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline owned fingerprint_function() noexcept {
    // The interpreter's own dict lives as long as the interpreter, and other code rarely looks at
    // it.
    PyObject *const all = PyInterpreterState_GetDict(PyInterpreterState_Get());  // borrowed
    const owned key(PyUnicode_FromString("holdfast.fingerprint"));
    if (all == nullptr || !key)
        return owned();
    if (owned known{PyObject_GetItem(all, key.get())})
        return known;
    PyErr_Clear();
    const owned globals(PyDict_New());
    if (!globals ||
        PyDict_SetItemString(globals.get(), "__builtins__", PyEval_GetBuiltins()) != 0 ||
        PyDict_SetItemString(globals.get(), "__name__", key.get()) != 0)
        return owned();
    const owned code(
        Py_CompileString(fingerprint_program, "<holdfast/calls/binding_check.hpp>", Py_file_input));
    const owned done(code ? PyEval_EvalCode(code.get(), globals.get(), globals.get()) : nullptr);
    const owned name(done ? PyUnicode_FromString("fingerprint") : nullptr);
    owned function(name ? PyObject_GetItem(globals.get(), name.get()) : nullptr);
    // Two threads may come here at the same time; each gets a working function, and the last one is
    // kept.
    if (function && PyObject_SetItem(all, key.get(), function.get()) != 0)
        return owned();
    return function;
}

/// The current fingerprint of a name in an imported module; empty if it is unknown. Attached;
/// leaves no error: a check that cannot be made must not stop a call that works.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline std::string fingerprint_now(
    const char *module, const char *name) {
    const owned function = fingerprint_function();
    const owned found(function ? PyObject_CallFunction(function.get(), "ss", module, name)
                               : nullptr);
    PyErr_Clear();
    return found && PyUnicode_Check(found.get()) ? utf8_of(found.get()) : std::string();
}

HOLDFAST_DETAIL_COLD_BODY void check_signature(PyObject *found, const callee &call) {
    const expectation &made_for = *call.expected;
    const std::string was =
        std::string("\n  made for: ") + made_for.signature + "\n  hash:     " + made_for.hash;
    if (found == nullptr) {
        const owned module(loaded_module(call.module));
        PyErr_Clear();
        const std::string gone =
            module ? std::string("module '") + call.module + "' has lost '" + call.name + "'"
                   : std::string("there is no module '") + call.module + "' for its '" + call.name +
                         "'";
        PyErr_SetString(module ? PyExc_ImportError : PyExc_ModuleNotFoundError, gone.c_str());
        throw bound_error(
            "HF510", gone + ", which a header was made for" + was,
            "put it back, e.g. with interpreter_config::module_search_paths, or run holdfast bind "
            "again and compile");
    }
    const std::string now = fingerprint_now(call.module, call.name);
    if (!now.empty() && now != made_for.hash) {
        const std::string changed = std::string("'") + call.module + '.' + call.name +
                                    "' has changed since the header was made";
        PyErr_SetString(PyExc_ImportError, changed.c_str());
        throw bound_error("HF511", changed + was + "\n  hash now: " + now,
                          "run holdfast bind again, and compile");
    }
}

}  // namespace holdfast::detail
