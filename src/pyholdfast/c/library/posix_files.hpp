// c/library/posix_files.hpp: files and folders of POSIX, and which of them to trust. The rules are the
// same as in pyholdfast/trust.py, for the Python side.
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.hpp"

namespace holdfast::c {

/// The path with links resolved; "" if there is no such file.
inline std::string real_path(const std::string &path) {
    char *const found = realpath(path.c_str(), nullptr);
    const std::string text = found != nullptr ? found : "";
    std::free(found);
    return text;
}

/// Links are not resolved: the folder of the link identifies a virtual environment.
inline std::string absolute(const std::string &path) {
    if (path.empty() || is_absolute(path))
        return path;
    char *const here = getcwd(nullptr, 0);
    const std::string text = here != nullptr ? std::string(here) + '/' + path : path;
    std::free(here);
    return text;
}

inline bool is_file(const std::string &path) noexcept {
    struct stat status;
    return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

inline bool is_folder(const std::string &path) noexcept {
    struct stat status;
    return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// The whole file; "" if it cannot be read, or is larger than 1 MB.
inline std::string contents_of(const std::string &path) {
    std::string text;
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return text;
    char part[4096];
    for (ssize_t got = 0; text.size() < (1U << 20) && (got = read(file, part, sizeof part)) > 0;)
        text.append(part, static_cast<std::size_t>(got));
    close(file);
    return text;
}

/// Size and time of a file, as text; it changes whenever the file is replaced. "" if it is missing.
inline std::string stamp_of(const std::string &path) {
    struct stat status;
    if (stat(path.c_str(), &status) != 0)
        return {};
#if defined(__APPLE__)
    const timespec time = status.st_mtimespec;
#else
    const timespec time = status.st_mtim;
#endif
    return std::to_string(status.st_size) + ' ' + std::to_string(time.tv_sec) + '.' +
           std::to_string(time.tv_nsec);
}

/// The program's file; "" if the system does not say.
inline std::string program_path() { return real_path("/proc/self/exe"); }

inline bool may_execute(const std::string &path) noexcept {
    return access(path.c_str(), X_OK) == 0;
}

// --- trust -----------------------------------------------------------------------------------

/// Whether the user is the group's only member: root's group, or one with the user's name.
inline bool is_private(gid_t group, uid_t user) noexcept {
    if (group == 0)
        return true;
    const ::group *const row = getgrgid(group);
    const std::string name = row != nullptr ? row->gr_name : "";
    bool alone = row != nullptr;
    for (char **member = row != nullptr ? row->gr_mem : nullptr;
         member != nullptr && *member != nullptr; ++member)
        alone = alone && name == *member;
    const passwd *const its = getpwuid(user);
    return alone && its != nullptr && name == its->pw_name;
}

/// Why other users could have changed the file or folder; "": they could not.
/// \param is_parent  others may add files to it, if they cannot replace ours (the sticky bit).
inline std::string fault_of(const std::string &path, bool is_parent) {
    struct stat status;
    if (stat(path.c_str(), &status) != 0)
        return {};  // nothing is read from it
    if (status.st_uid != geteuid() && status.st_uid != 0)
        return '\'' + path + "' belongs to another user";
    if (is_parent && (status.st_mode & S_ISVTX) != 0)
        return {};
    if ((status.st_mode & S_IWOTH) != 0)
        return "everybody may write to '" + path + '\'';
    if ((status.st_mode & S_IWGRP) != 0 && !is_private(status.st_gid, status.st_uid))
        return "other members of its group may write to '" + path + '\'';
    return {};
}

/// The same for a path and all folders above it, both as named and with links resolved.
inline std::string distrust(const std::string &path) {
    for (const std::string &start : {absolute(path), real_path(path)}) {
        std::string fault = start.empty() ? std::string() : fault_of(start, false);
        for (std::string at = start; fault.empty() && at.size() > 1;) {
            at = folder_of(at);
            fault = fault_of(at, true);
        }
        if (!fault.empty())
            return fault;
    }
    return {};
}

/// holdfast's folder in the user's cache, the same as for the command line; "" if there is none.
inline std::string cache_folder() {
    const char *const named = environment("XDG_CACHE_HOME");
    if (named != nullptr && named[0] == '/')
        return std::string(named) + "/holdfast";
    const char *const home = environment("HOME");
    return home != nullptr ? std::string(home) + "/.cache/holdfast" : "";
}

/// Creates a folder and its missing parents, for this user only.
inline bool make_folder(const std::string &path) {
    if (is_folder(path))
        return true;
    return path.size() > 1 && make_folder(folder_of(path)) &&
           (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST);
}

/// Writes a file so that a reader sees either the old or the new one. If the cache cannot be
/// written, only the next start is slower, so a failure is not an error.
inline void write_whole(const std::string &path, const std::string &text) {
    if (!make_folder(folder_of(path)))
        return;
    std::string name = path + ".XXXXXX";
    const int file = mkstemp(name.data());
    if (file < 0)
        return;
    const bool whole = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    close(file);
    if (!whole || rename(name.c_str(), path.c_str()) != 0)
        unlink(name.c_str());
}

}  // namespace holdfast::c
