// holdfast/convert/convert.ipp: the bodies of convert.hpp.
#pragma once

#include <holdfast/convert/convert.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY void throw_no_number(PyObject *value, const value_path &where,
                                               const char *wanted) {
    if (PyErr_ExceptionMatches(PyExc_TypeError) == 0)
        throw_python_error();
    const owned problem(take_exception());
    throw_wrong_type(where, wanted,
                     name_of_type(Py_TYPE(value)) + " (" + message_of(problem.get()) + ')');
}

HOLDFAST_DETAIL_COLD_BODY double double_from_other(PyObject *value, const value_path &where,
                                                   const char *type) {
    const PyNumberMethods *const methods = Py_TYPE(value)->tp_as_number;
    if (methods == nullptr || (methods->nb_float == nullptr && methods->nb_index == nullptr))
        throw_wrong_type(where, "float", value);
    const double number = PyFloat_AsDouble(value);
    if (number == -1.0 && PyErr_Occurred() != nullptr) {
        if (!PyLong_Check(value) || PyErr_ExceptionMatches(PyExc_OverflowError) == 0)
            throw_no_number(value, where, "float");
        PyErr_Clear();
        throw_does_not_fit(where, text_of_number(value), type);
    }
    return number;
}

HOLDFAST_DETAIL_COLD_BODY void throw_not_unicode(const value_path &where, const char *what,
                                                 const char *remedy) {
    if (PyErr_ExceptionMatches(PyExc_UnicodeError) == 0)
        throw_python_error();
    const owned problem(take_exception());
    const owned start(PyObject_GetAttrString(problem.get(), "start"));
    const std::string at = start ? text_of_number(start.get()) : "?";
    PyErr_Clear();
    throw conversion_error(where.is_result() ? "HF403" : "HF401", where.text() + ": " + what + at,
                           remedy);
}

}  // namespace holdfast::detail
