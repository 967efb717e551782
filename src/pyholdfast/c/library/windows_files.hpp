// c/library/windows_files.hpp: files and folders of Windows.
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <system_error>

#include <holdfast/platform/program_file.hpp>
#include <holdfast/platform/windows.hpp>

#include "paths.hpp"

namespace holdfast::c {

inline std::filesystem::path path_of(const std::string &utf8) { return detail::wide_of(utf8); }

inline std::string text_of(const std::filesystem::path &path) {
    return detail::utf8_of(path.native());
}

/// The path with links resolved; "" if there is no such file.
inline std::string real_path(const std::string &path) {
    std::error_code fault;
    const std::filesystem::path found = std::filesystem::canonical(path_of(path), fault);
    return fault ? std::string() : text_of(found);
}

/// Links are not resolved: the folder of the link identifies a virtual environment.
inline std::string absolute(const std::string &path) {
    std::error_code fault;
    const std::filesystem::path found = std::filesystem::absolute(path_of(path), fault);
    return path.empty() || fault ? path : text_of(found);
}

inline bool is_file(const std::string &path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path_of(path), ignored);
}

inline bool is_folder(const std::string &path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path_of(path), ignored);
}

/// The system finds out when it starts it.
inline bool may_execute(const std::string &) noexcept { return true; }

/// The whole file; "" if it cannot be read, or is larger than 1 MB.
inline std::string contents_of(const std::string &path) {
    std::ifstream file(path_of(path), std::ios::binary);
    std::string text(1U << 20, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

/// Size and time of a file, as text; it changes whenever the file is replaced. "" if it is missing.
inline std::string stamp_of(const std::string &path) {
    std::error_code fault;
    const auto size = std::filesystem::file_size(path_of(path), fault);
    if (fault)
        return {};
    const auto time = std::filesystem::last_write_time(path_of(path), fault);
    return std::to_string(size) + ' ' + std::to_string(time.time_since_epoch().count());
}

/// The program's file; "" if the system does not say.
inline std::string program_path() { return text_of(detail::program_file()); }

/// The cache is in the user's profile, where other users may not write.
inline std::string distrust(const std::string &) { return {}; }

/// holdfast's folder in the user's cache, the same as for the command line; "" if there is none.
inline std::string cache_folder() {
    const char *const named = environment("XDG_CACHE_HOME");
    if (named != nullptr && is_absolute(named))
        return std::string(named) + "/holdfast";
    const char *const home = environment("USERPROFILE");
    return home != nullptr ? std::string(home) + "/.cache/holdfast" : "";
}

/// Writes a file so that a reader sees either the old or the new one. If the cache cannot be
/// written, only the next start is slower, so a failure is not an error.
inline void write_whole(const std::string &path, const std::string &text) {
    std::error_code fault;
    std::filesystem::create_directories(path_of(folder_of(path)), fault);
    std::random_device numbers;
    const std::filesystem::path arriving = path_of(path + '.' + std::to_string(numbers()));
    bool whole = false;
    {
        std::ofstream file(arriving, std::ios::binary);
        whole = static_cast<bool>(file << text << std::flush);
    }
    if (whole)
        std::filesystem::rename(arriving, path_of(path), fault);
    if (!whole || fault)
        std::filesystem::remove(arriving, fault);
}

}  // namespace holdfast::c
