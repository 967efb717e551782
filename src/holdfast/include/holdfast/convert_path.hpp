// holdfast/convert_path.hpp: paths, as std::filesystem::path.
//
// Layer 51. To Python a pathlib.Path; from Python str, bytes and whatever has __fspath__. Bytes that are no
// Unicode cross unchanged, as Python's file system encoding does it. A header of its own: <filesystem>
// costs compile time.
#pragma once

#include "python.hpp"  // first: CPython asks for it

#include <cstddef>
#include <filesystem>
#include <string>

#include "convert.hpp"
#include "detail/resolve.hpp"

namespace holdfast::detail {

template <>
struct converter<std::filesystem::path> {
    static constexpr const char *wanted = "path";

    static PyObject *to_python(const std::filesystem::path &value, const place &) {
        const std::string native = value.string();
        const owned text(
            PyUnicode_DecodeFSDefaultAndSize(native.data(), static_cast<Py_ssize_t>(native.size())));
        if (!text)
            return nullptr;
        static lookup_cache cache;
        static constexpr callee type{"", "pathlib", "Path", "()"};
        return PyObject_CallOneArg(cache.find(attached_ref(), type, 0).callable, text.get());
    }

    static std::filesystem::path from_python(PyObject *value, const place &where) {
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
            throw_wrong_type(where, wanted, "text that can be no file name");
        }
        const owned taken(encoded);
        return std::string(PyBytes_AS_STRING(encoded), static_cast<std::size_t>(PyBytes_GET_SIZE(encoded)));
    }
};

}  // namespace holdfast::detail
