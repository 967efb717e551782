// holdfast/convert/path.hpp: paths, as std::filesystem::path.
//
// A path becomes a pathlib.Path. From Python it accepts str, bytes and any object with __fspath__.
// Bytes that are not valid Unicode are preserved, as in Python's file system encoding. The host
// includes <filesystem> itself: it alone takes longer to compile than Python.h.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <string>

#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/undeclared_types.hpp>

namespace holdfast::detail {

/// A new pathlib.Path of the system's text; null with a Python error set.
PyObject *path_to_python(const std::string &native);
/// The system's text of a path; throws conversion_error.
std::string path_from_python(PyObject *value, const value_path &where);

template <class T>
struct converter<T, if_path<T>> {
    static constexpr const char *wanted = "path";

    static PyObject *to_python(const T &value, const value_path &) {
        return path_to_python(value.string());
    }

    static T from_python(PyObject *value, const value_path &where) {
        return path_from_python(value, where);
    }
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/convert/path.ipp>
#endif
