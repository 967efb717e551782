// holdfast/convert/complex.hpp: complex numbers.
//
// std::complex<double> and std::complex<float> become Python's complex. From Python they also
// accept float, int and any object with __complex__, such as numpy's. This is a separate header
// because <complex> costs compile time.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cmath>
#include <complex>

#include <holdfast/convert/convert.hpp>

namespace holdfast::detail {

template <>
struct converter<std::complex<double>> {
    static constexpr const char *wanted = "complex";

    static PyObject *to_python(const std::complex<double> &value, const value_path &) noexcept {
        return PyComplex_FromDoubles(value.real(), value.imag());
    }

    static std::complex<double> from_python(PyObject *value, const value_path &where) {
        if (PyComplex_Check(value))
            return {PyComplex_RealAsDouble(value), PyComplex_ImagAsDouble(value)};
        if (PyFloat_Check(value))
            return PyFloat_AS_DOUBLE(value);
        return from_other(value, where);
    }

private:
    HOLDFAST_DETAIL_COLD static std::complex<double> from_other(PyObject *value,
                                                                const value_path &where) {
        PyObject *const type = reinterpret_cast<PyObject *>(Py_TYPE(value));
        const PyNumberMethods *const methods = Py_TYPE(value)->tp_as_number;
        const bool real =
            methods != nullptr && (methods->nb_float != nullptr || methods->nb_index != nullptr);
        if (!real && PyObject_HasAttrString(type, "__complex__") == 0)
            throw_wrong_type(where, wanted, value);
        const Py_complex number = PyComplex_AsCComplex(value);
        if (number.real == -1.0 && PyErr_Occurred() != nullptr) {
            if (!PyLong_Check(value) || PyErr_ExceptionMatches(PyExc_OverflowError) == 0)
                throw_no_number(value, where, wanted);
            PyErr_Clear();
            throw_does_not_fit(where, text_of_number(value), "double");
        }
        return {number.real, number.imag};
    }
};

/// Rounded to the nearest; a finite value stays finite or is refused.
template <>
struct converter<std::complex<float>> {
    static constexpr const char *wanted = "complex";

    static PyObject *to_python(const std::complex<float> &value, const value_path &) noexcept {
        return PyComplex_FromDoubles(static_cast<double>(value.real()),
                                     static_cast<double>(value.imag()));
    }

    static std::complex<float> from_python(PyObject *value, const value_path &where) {
        const std::complex<double> number =
            converter<std::complex<double>>::from_python(value, where);
        return {narrow(number.real(), value, where), narrow(number.imag(), value, where)};
    }

private:
    static float narrow(double part, PyObject *value, const value_path &where) {
        const auto rounded = static_cast<float>(part);
        if (std::isinf(rounded) && !std::isinf(part))
            throw_does_not_fit(where, text_of_number(value), "float");
        return rounded;
    }
};

}  // namespace holdfast::detail
