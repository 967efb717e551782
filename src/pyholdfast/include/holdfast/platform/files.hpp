// holdfast/platform/files.hpp: asks the file system about paths, in plain strings.
//
// In place of <filesystem> and <fstream>, which every host would otherwise compile.
#pragma once

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD inline bool file_exists(const std::string &path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0;
}

HOLDFAST_DETAIL_COLD inline bool is_folder(const std::string &path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

HOLDFAST_DETAIL_COLD inline bool is_regular_file(const std::string &path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

/// Whether both paths lead to one file.
HOLDFAST_DETAIL_COLD inline bool is_same_file(const std::string &one, const std::string &other) {
    struct stat first;
    struct stat second;
    return ::stat(one.c_str(), &first) == 0 && ::stat(other.c_str(), &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/// The part before the last slashes: "a" for "a//b", "/" for "/b", "" for "b".
HOLDFAST_DETAIL_COLD inline std::string parent_folder(const std::string &path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos)
        return {};
    const std::size_t last = path.find_last_not_of('/', slash);
    return last == std::string::npos ? "/" : path.substr(0, last + 1);
}

/// The part after the last slash.
HOLDFAST_DETAIL_COLD inline std::string file_name(const std::string &path) {
    return path.substr(path.rfind('/') + 1);
}

/// `name` in `folder`; "" is the current folder.
HOLDFAST_DETAIL_COLD inline std::string in_folder(const std::string &folder,
                                                  const std::string &name) {
    return folder.empty() || folder.back() == '/' ? folder + name : folder + '/' + name;
}

/// The path without links, or "" if there is no such file.
HOLDFAST_DETAIL_COLD inline std::string resolved_path(const std::string &path) {
    const std::unique_ptr<char, decltype(&std::free)> found(::realpath(path.c_str(), nullptr),
                                                            &std::free);
    return found ? found.get() : std::string();
}

/// The path from the root, links and all. If the current folder cannot be told, the path itself.
HOLDFAST_DETAIL_COLD inline std::string absolute_path(const std::string &path) {
    if (!path.empty() && path.front() == '/')
        return path;
    const std::unique_ptr<char, decltype(&std::free)> here(::getcwd(nullptr, 0), &std::free);
    return here ? in_folder(here.get(), path) : path;
}

/// The names in a folder, in no order; none if it cannot be read.
HOLDFAST_DETAIL_COLD inline std::vector<std::string> names_in(const std::string &folder) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR *)> open(::opendir(folder.c_str()),
                                                    [](DIR *it) { return ::closedir(it); });
    while (const dirent *const entry = open ? ::readdir(open.get()) : nullptr)
        names.emplace_back(entry->d_name);
    return names;
}

/// The file's bytes, at most `most` of them; "" if it cannot be read.
HOLDFAST_DETAIL_COLD inline std::string file_text(const std::string &path, std::size_t most) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(
        std::fopen(path.c_str(), "rbe"), [](std::FILE *it) { return std::fclose(it); });
    if (!file)
        return {};
    std::string text(most, '\0');
    text.resize(std::fread(text.data(), 1, most, file.get()));
    return text;
}

}  // namespace holdfast::detail
