// holdfast/convert/path.hpp: paths, as std::filesystem::path.
//
// A path becomes a pathlib.Path. From Python it accepts str, bytes and any object with __fspath__.
// Bytes that are not valid Unicode are preserved, as in Python's file system encoding. This is a
// separate header because <filesystem> costs compile time.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <filesystem>
#include <string>

#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/resolve.hpp>

namespace holdfast::detail {

template <>
struct converter<std::filesystem::path> {
    static constexpr const char *wanted = "path";

    static PyObject *to_python(const std::filesystem::path &value, const value_path &);

    static std::filesystem::path from_python(PyObject *value, const value_path &where);
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/convert/path.ipp>
#endif
