// holdfast/lifecycle/file_path.hpp: a path in a configuration.
//
// It takes a std::filesystem::path without <filesystem>, which alone takes longer to compile than
// Python.h. Hosts pay for that header only if they include it themselves.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace holdfast {

/// A path, as the system's text; converts from text and from std::filesystem::path.
///
/// Owns:    its text.
/// Threads: like a std::string, safe to read from several threads, but not while one changes it.
class file_path {
public:
    file_path() = default;
    file_path(const char *text) : text_(text) {}
    file_path(std::string text) : text_(std::move(text)) {}
    file_path(std::string_view text) : text_(text) {}

    /// From std::filesystem::path, or another type whose string() returns a std::string.
    template <class Path, class = std::enable_if_t<std::is_same_v<
                              decltype(std::declval<const Path &>().string()), std::string>>>
    file_path(const Path &path) : text_(path.string()) {}

    bool empty() const noexcept { return text_.empty(); }
    const std::string &string() const noexcept { return text_; }

private:
    std::string text_;
};

}  // namespace holdfast
