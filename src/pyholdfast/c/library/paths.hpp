// c/library/paths.hpp: paths as text: bytes of the file system, on Windows UTF-8.
#pragma once

#include <string>

#include <holdfast/platform/environment.hpp>

namespace holdfast::c {

using holdfast::detail::environment;

#if defined(_WIN32)
inline constexpr const char *separators = "/\\";
inline constexpr char between_paths = ';';
inline constexpr const char *library_suffix = ".dll";
inline constexpr const char *python_on_path = "python.exe";
inline constexpr const char *python_of_venv = "/Scripts/python.exe";
#else
inline constexpr const char *separators = "/";
inline constexpr char between_paths = ':';
inline constexpr const char *library_suffix = ".so";
inline constexpr const char *python_on_path = "python3";
inline constexpr const char *python_of_venv = "/bin/python3";
#endif

inline std::string folder_of(const std::string &path) {
    const std::size_t last = path.find_last_of(separators);
    if (last == std::string::npos)
        return ".";
    return last == 0 ? "/" : path.substr(0, last);
}

inline std::string name_in(const std::string &path) {
    return path.substr(path.find_last_of(separators) + 1);
}

/// Whether it says on its own where a file is.
inline bool is_absolute(const std::string &path) {
#if defined(_WIN32)
    return path.size() > 2 && path[1] == ':' && (path[2] == '/' || path[2] == '\\');
#else
    return !path.empty() && path[0] == '/';
#endif
}

}  // namespace holdfast::c
