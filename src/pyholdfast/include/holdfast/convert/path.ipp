// holdfast/convert/path.ipp: the bodies of path.hpp.
#pragma once

#include <holdfast/convert/path.hpp>

#include <string>

#include <holdfast/convert/resolve.hpp>

namespace holdfast::detail {

// A path's own text: bytes on POSIX, UTF-16 on Windows.
inline PyObject *python_text(const std::string &native) noexcept {
    return PyUnicode_DecodeFSDefaultAndSize(native.data(), static_cast<Py_ssize_t>(native.size()));
}
inline PyObject *python_text(const std::wstring &native) noexcept {
    return PyUnicode_FromWideChar(native.data(), static_cast<Py_ssize_t>(native.size()));
}

/// False with an exception set: it is a ValueError if the text cannot be a file name.
/// \param path  str or bytes.
HOLDFAST_DETAIL_COLD inline bool take_native(PyObject *path, std::string &native) {
    PyObject *encoded = nullptr;
    if (PyUnicode_FSConverter(path, &encoded) == 0)
        return false;
    const owned taken(encoded);
    native.assign(PyBytes_AS_STRING(encoded), static_cast<std::size_t>(PyBytes_GET_SIZE(encoded)));
    return true;
}
HOLDFAST_DETAIL_COLD inline bool take_native(PyObject *path, std::wstring &native) {
    PyObject *text = nullptr;
    if (PyUnicode_FSDecoder(path, &text) == 0)
        return false;
    const owned taken(text);
    wchar_t *const wide = PyUnicode_AsWideCharString(text, nullptr);  // refuses a NUL in the text
    if (wide == nullptr)
        return false;
    native = wide;
    PyMem_Free(wide);
    return true;
}

HOLDFAST_DETAIL_BODY PyObject *converter<std::filesystem::path>::to_python(
    const std::filesystem::path &value, const value_path &) {
    const owned text(python_text(value.native()));
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
    std::filesystem::path::string_type native;
    if (!take_native(plain_path.get(), native)) {
        if (PyErr_ExceptionMatches(PyExc_ValueError) == 0)
            throw_python_error();
        PyErr_Clear();
        throw_wrong_type(where, wanted, "text that cannot be a file name");
    }
    return native;
}

}  // namespace holdfast::detail
