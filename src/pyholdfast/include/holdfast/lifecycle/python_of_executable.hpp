// holdfast/lifecycle/python_of_executable.hpp: which Python an executable belongs to.
//
// It decides without running the executable, which need not be a Python: a program that embeds one
// may name itself, or a script that starts one. So an executable is said to belong to another
// Python only if that is visible.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include <holdfast/lifecycle/built_for.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/program_file.hpp>

namespace holdfast::detail {

namespace fs = std::filesystem;

HOLDFAST_DETAIL_COLD inline std::string compiled_minor() {
    const python_build compiled = compiled_build();
    return std::to_string(compiled.major) + '.' + std::to_string(compiled.minor);
}

/// "3.13" or "3.13t", as in names of executables and folders.
HOLDFAST_DETAIL_COLD inline std::string compiled_name() {
    return compiled_minor() + (compiled_for_free_threading ? "t" : "");
}

/// The version in a name such as "python3.13t"; `rest` gets what follows it. "" if there is none.
HOLDFAST_DETAIL_COLD inline std::string version_in(const std::string &name, std::string &rest) {
    constexpr const char *digits = "0123456789";
    const std::size_t major = 6;
    if (name.compare(0, major, "python") != 0)
        return {};
    const std::size_t dot = name.find_first_not_of(digits, major);
    if (dot == std::string::npos || dot == major || name[dot] != '.')
        return {};
    std::size_t end = name.find_first_not_of(digits, dot + 1);
    end = end == std::string::npos ? name.size() : end;
    if (end == dot + 1)
        return {};
    rest = name.substr(end);
    return name.substr(major, end - major);
}

/// "python313.zip" for "3.13": the standard library as one file.
HOLDFAST_DETAIL_COLD inline std::string archive_name(const std::string &version) {
    std::string name = "python" + version + ".zip";
    return name.erase(name.find('.'), 1);
}

#if defined(_WIN32)
/// The interpreter of a virtual environment.
HOLDFAST_DETAIL_COLD inline fs::path python_in(const fs::path &environment) {
    return environment / "Scripts" / "python.exe";
}

/// Where has_library() looks, for messages.
HOLDFAST_DETAIL_COLD inline std::string library_text(const std::string &version) {
    return "Lib\\os.py and " + archive_name(version);
}

/// Whether the prefix has a standard library, as files or as an archive; "3.13t" is in the same
/// place as "3.13", and files do not say of which version they are.
HOLDFAST_DETAIL_COLD inline bool has_library(const fs::path &prefix, const std::string &version) {
    std::error_code ignored;
    return fs::exists(prefix / "Lib" / "os.py", ignored) ||
           fs::exists(prefix / "Lib" / "encodings", ignored) ||
           fs::exists(prefix / archive_name(version.substr(0, version.find('t'))), ignored);
}

/// "python313t.dll" for "3.13t".
HOLDFAST_DETAIL_COLD inline std::string dll_name(const std::string &version) {
    std::string name = "python" + version + ".dll";
    return name.erase(name.find('.'), 1);
}

/// The Python that an executable belongs to, by the DLL beside it, for example "3.12" or "3.13t", if
/// it is visibly not this host's; otherwise "".
HOLDFAST_DETAIL_COLD inline std::string other_python_of(const fs::path &executable, bool) {
    std::error_code ignored;
    const fs::path folder = fs::canonical(executable, ignored).parent_path();
    if (fs::exists(folder / dll_name(compiled_name()), ignored))
        return {};
    for (int minor = 8; minor < 100; ++minor)
        for (const char *const flavour : {"", "t"}) {
            const std::string version = "3." + std::to_string(minor) + flavour;
            if (fs::exists(folder / dll_name(version), ignored))
                return version;
        }
    return {};
}
#else
/// The interpreter of a virtual environment.
HOLDFAST_DETAIL_COLD inline fs::path python_in(const fs::path &environment) {
    const fs::path bin = environment / "bin";
    std::error_code ignored;
    const fs::path versioned = bin / ("python" + compiled_minor());
    return fs::exists(versioned, ignored) ? versioned : bin / "python";
}

/// Where has_library() looks, for messages.
HOLDFAST_DETAIL_COLD inline std::string library_text(const std::string &version) {
    return "lib/python" + version + "/os.py and lib/" + archive_name(version);
}

/// Whether the prefix has the standard library of this Python ("3.13t", for example), as files or
/// as an archive.
HOLDFAST_DETAIL_COLD inline bool has_library(const fs::path &prefix, const std::string &version) {
    std::error_code ignored;
    for (const char *const lib : {"lib", "lib64"}) {
        const fs::path files = prefix / lib / ("python" + version);
        if (fs::exists(files / "os.py", ignored) || fs::exists(files / "encodings", ignored) ||
            fs::exists(prefix / lib / archive_name(version), ignored))
            return true;
    }
    return false;
}

/// The version of another Python whose standard library is in the prefix, for example "3.12"; "" if
/// there is none.
HOLDFAST_DETAIL_COLD inline std::string other_library(const fs::path &prefix) {
    std::error_code ignored;
    for (const char *const lib : {"lib", "lib64"})
        for (fs::directory_iterator at(prefix / lib, ignored), end; !ignored && at != end;
             at.increment(ignored)) {
            std::string rest;
            const std::string version = version_in(at->path().filename().string(), rest);
            if (!version.empty() && (rest.empty() || rest == "t") &&
                fs::exists(at->path() / "os.py", ignored))
                return version + rest;
        }
    return {};
}

/// Whether `file` is the running program, or a script.
HOLDFAST_DETAIL_COLD inline bool is_host_or_script(const fs::path &file) {
    std::error_code ignored;
    if (fs::equivalent(file, program_file(), ignored))
        return true;
    char first[2] = {};
    std::ifstream(file, std::ios::binary).read(first, sizeof first);
    return first[0] == '#' && first[1] == '!';
}

/// The Python that an executable belongs to, for example "3.12" or "3.13t", if it is visibly not
/// this host's; otherwise "". For a virtual environment it returns "": the environment states its
/// version itself.
/// \param look_around  also look at the standard libraries beside it; false if the prefix was
///                     given.
HOLDFAST_DETAIL_COLD inline std::string other_python_of(const fs::path &executable,
                                                        bool look_around) {
    std::error_code unknown;
    const fs::path folder = executable.parent_path();
    if (fs::exists(folder.parent_path() / "pyvenv.cfg", unknown) ||
        fs::exists(folder / "pyvenv.cfg", unknown))
        return {};
    const fs::path file = fs::canonical(executable, unknown);
    if (unknown)
        return {};
    const std::string name = file.filename().string();
    std::string rest;
    const std::string version = version_in(name, rest);
    const fs::path prefix = file.parent_path().parent_path();
    if (!version.empty()) {
        const bool free_threaded = !rest.empty() && rest[0] == 't';
        if (version != compiled_minor() || (free_threaded && !compiled_for_free_threading))
            return version + (free_threaded ? "t" : "");
        // A free-threaded Python also has a name without the t.
        const std::string like_it = version + (compiled_for_free_threading ? "" : "t");
        const bool in_doubt = free_threaded || !rest.empty() || !look_around;
        return !in_doubt && !has_library(prefix, compiled_name()) && has_library(prefix, like_it)
                   ? like_it
                   : "";
    }
    // A link such as "python3" to a program with another name belongs to a version manager, which
    // chooses the Python when it runs.
    const bool is_shim = name.compare(0, 6, "python") != 0 &&
                         executable.filename().string().compare(0, 6, "python") == 0;
    if (!look_around || is_shim || has_library(prefix, compiled_name()) || is_host_or_script(file))
        return {};
    return other_library(prefix);
}
#endif

}  // namespace holdfast::detail
