// holdfast/calls/assigned_fields.hpp: makes instances of dataclasses without a call, where that is the same.
//
// The __init__ that Python makes for a dataclass only assigns its parameters to the fields, unless
// there is a __post_init__. (A default_factory is not called for a field that is passed.) Running it
// takes CPython longer than making the instance and setting the fields.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>

#include <holdfast/annotations.hpp>
#include <holdfast/convert/resolve.hpp>

namespace holdfast::detail {

/// find_function(). If the class is a dataclass whose __init__ only assigns, in the order of the
/// type's names, `init` becomes the tuple (__init__, "__init__", whether the class is frozen,
/// __init__.__code__).
findings find_dataclass(const callee &type, std::size_t count);

/// Whether the class still has the __init__ that find_dataclass() saw, and nothing else that a call
/// of it would run.
[[nodiscard]] inline bool only_assigns(const resolved &type) noexcept {
    if (type.init == nullptr)
        return false;
    const auto *const its = reinterpret_cast<const PyTypeObject *>(type.callable);
    if (its->tp_new != PyBaseObject_Type.tp_new || Py_TYPE(its)->tp_call != PyType_Type.tp_call)
        return false;
    // The __init__ of a frozen class uses object.__setattr__, whatever the class has.
    if (its->tp_setattro != PyBaseObject_Type.tp_setattro &&
        PyTuple_GET_ITEM(type.init, 2) != Py_True)
        return false;
    const owned init(PyObject_GetAttr(type.callable, PyTuple_GET_ITEM(type.init, 1)));
    if (!init)
        PyErr_Clear();  // the call says what is wrong
    return init.get() == PyTuple_GET_ITEM(type.init, 0) && PyFunction_Check(init.get()) != 0 &&
           PyFunction_GetCode(init.get()) == PyTuple_GET_ITEM(type.init, 3);
}

/// A new instance of a class that only_assigns(), with `values` in the order of its names; null with
/// an error set.
[[nodiscard]] inline PyObject *assign_fields(const resolved &type, PyObject *const *values,
                                             std::size_t count) noexcept {
    auto *const its = reinterpret_cast<PyTypeObject *>(type.callable);
    PyObject *const nothing = PyTuple_GET_ITEM(type.keywords, 0);  // no names: an empty tuple
    PyObject *const names = PyTuple_GET_ITEM(type.keywords, static_cast<Py_ssize_t>(count));
    owned made(its->tp_new(its, nothing, nullptr));
    for (std::size_t i = 0; made && i < count; ++i)
        if (PyObject_GenericSetAttr(made.get(), PyTuple_GET_ITEM(names, static_cast<Py_ssize_t>(i)),
                                    values[i]) != 0)
            return nullptr;
    return made.release();
}

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/calls/assigned_fields.ipp>
#endif
