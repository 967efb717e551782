// holdfast/convert/path.ipp: the bodies of path.hpp.
#pragma once

#include <holdfast/convert/path.hpp>

#include <string>

#include <holdfast/convert/resolve.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY PyObject *converter<std::filesystem::path>::to_python(
    const std::filesystem::path &value, const value_path &) {
    const std::string native = value.string();
    const owned text(
        PyUnicode_DecodeFSDefaultAndSize(native.data(), static_cast<Py_ssize_t>(native.size())));
    if (!text)
        return nullptr;
    static lookup_cache cache;
    static constexpr callee type{"", "pathlib", "Path", "()"};
    return PyObject_CallOneArg(cache.find(attached_ref(), type, 0).callable, text.get());
}

HOLDFAST_DETAIL_BODY std::filesystem::path converter<std::filesystem::path>::from_python(
    PyObject *value, const value_path &where) {
    const owned plain_path(PyOS_FSPath(value));
    if (!plain_path) {
        if (PyErr_ExceptionMatches(PyExc_TypeError) == 0)
            throw_python_error();
        PyErr_Clear();
        throw_wrong_type(where, wanted, value);
    }
    PyObject *encoded = nullptr;
    if (PyUnicode_FSConverter(plain_path.get(), &encoded) == 0) {
        if (PyErr_ExceptionMatches(PyExc_ValueError) == 0)
            throw_python_error();
        PyErr_Clear();
        throw_wrong_type(where, wanted, "text that cannot be a file name");
    }
    const owned taken(encoded);
    return std::string(PyBytes_AS_STRING(encoded),
                       static_cast<std::size_t>(PyBytes_GET_SIZE(encoded)));
}

}  // namespace holdfast::detail
