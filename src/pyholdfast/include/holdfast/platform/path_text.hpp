// holdfast/platform/path_text.hpp: paths as texts of bytes: UTF-8 on Windows, as they are elsewhere.
#pragma once

#include <filesystem>
#include <string>

#if defined(_WIN32)
#include <holdfast/platform/windows.hpp>
#endif

namespace holdfast::detail {

#if defined(_WIN32)
/// \throws std::bad_alloc
inline std::filesystem::path path_of_text(const std::string &text) { return wide_of(text); }

/// \throws std::bad_alloc
inline std::string text_of_path(const std::filesystem::path &path) {
    return utf8_of(path.native());
}
#else
inline std::filesystem::path path_of_text(const std::string &text) { return text; }

inline std::string text_of_path(const std::filesystem::path &path) { return path.native(); }
#endif

}  // namespace holdfast::detail
