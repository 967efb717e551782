// c/library/find_python.hpp: which Python a program runs on.
//
// The order: the configuration, a bundle beside the program, HOLDFAST_PYTHON, VIRTUAL_ENV, python3
// on PATH. If a Python that is named cannot be used, that is an error, and the search ends. Only on
// PATH, the search goes on.
#pragma once

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#if !defined(_WIN32)
#include <dirent.h>
#endif

#include "find_backend.hpp"
#include "python_facts.hpp"

namespace holdfast::c {

struct found_python {
    std::string executable;  // "" for a bundle
    std::string library;     // "" if a libpython is loaded already
    std::string minor;       // "3.13t"
};

/// What a candidate must match.
struct search {
    loaded_python loaded;
    std::vector<std::string> backends;  // folders
};

inline bool is_at_least_3_10(const std::string &version) {
    char *rest = nullptr;
    const long major = std::strtol(version.c_str(), &rest, 10);
    const long minor = *rest == '.' ? std::strtol(rest + 1, nullptr, 10) : 0;
    return major > 3 || (major == 3 && minor >= 10);
}

inline constexpr const char *another_python =
    "name a CPython of 3.10 or later that has a shared libpython, e.g. one of pyenv, uv or the "
    "system's libpython3 package";

/// What is known of this Python, if it can be used. \throws refusal
inline found_python examine(const std::string &python, const std::string &who,
                            const search &wanted) {
    if (is_folder(python))
        throw refusal{named_python_unfit, who, "it is a folder",
                      "name the interpreter itself, e.g. " + python + "/bin/python3"};
    if (!is_file(python))
        throw refusal{named_python_unfit, who, "there is no such file", another_python};
    if (!may_execute(python))
        throw refusal{named_python_unfit, who, "it may not be executed", another_python};
    std::string why = wrong_architecture(real_path(python));
    if (!why.empty())
        throw refusal{cannot_load_library, who, "it " + why,
                      "name a Python for this program's processor"};
    python_facts facts;
    why = facts_of(python, facts);
    if (!why.empty())
        throw refusal{named_python_unfit, who, why, another_python};
    if (facts.implementation != "cpython" || !is_at_least_3_10(facts.version))
        throw refusal{named_python_unfit, who,
                      "it is " + facts.implementation + ' ' + facts.version, another_python};
    if (wanted.loaded.exists && wanted.loaded.minor != facts.minor())
        throw refusal{other_python_loaded, who,
                      "it is Python " + facts.minor() + ", and this process has loaded Python " +
                          wanted.loaded.minor + " already ('" + wanted.loaded.path + "')",
                      "name a Python " + wanted.loaded.minor +
                          ", or start this one in a process that has loaded none"};
    if (facts.library.empty() && !wanted.loaded.exists)
        throw refusal{no_shared_library, who, "it has no shared libpython",
                      "install its shared library (Debian: libpython3.X), or build it with "
                      "--enable-shared; or name another Python"};
    why = facts.library.empty() ? "" : wrong_architecture(facts.library);
    if (!why.empty())
        throw refusal{cannot_load_library, who, "its libpython '" + facts.library + "' " + why,
                      "name a Python for this program's processor"};
    // A script that starts a Python is not one: Python and its children are to use the real one.
    const bool is_script = !is_binary(real_path(python)) && !facts.executable.empty();
    return {is_script ? facts.executable : absolute(python), facts.library, facts.minor()};
}

/// examine(), and whether there is a backend for it. \throws refusal
inline found_python examine_with_backend(const std::string &python, const std::string &who,
                                         const search &wanted) {
    found_python found = examine(python, who, wanted);
    std::vector<refusal> refused;
    if (backend_files(found.minor, wanted.backends, refused).empty() && loaded_backend() == nullptr)
        throw refusal{worst_of(refused), who,
                      "there is no backend for Python " + found.minor + listed(refused, 2),
                      backend_remedy(found.executable)};
    return found;
}

// --- a bundle --------------------------------------------------------------------------------

#if defined(_WIN32)
/// Where a bundle has its libpython, for messages.
inline constexpr const char *library_of_bundle = "python3*.dll";

/// The DLL of the bundle's Python, whose executable is named by the runtime.
inline found_python python_of_bundle(const std::string &folder) {
    for (int minor = 10; minor < 100; ++minor)
        for (const char *const flavour : {"", "t"}) {
            const std::string number = std::to_string(minor) + flavour;
            const std::string library = folder + "/python3" + number + ".dll";
            if (is_file(library))
                return {"", library, "3." + number};
        }
    return {};
}
#else
/// Where a bundle has its libpython, for messages.
inline constexpr const char *library_of_bundle = "lib/libpython3.*";

/// The libpython of a bundle; its executable is named by the runtime.
inline found_python python_of_bundle(const std::string &folder) {
    std::string library;
    if (DIR *const files = opendir((folder + "/lib").c_str())) {
        while (const dirent *const entry = readdir(files)) {
            const std::string name = entry->d_name;
            if (name.compare(0, 12, "libpython3.1") == 0 && name.find(".so") != std::string::npos)
                library = name;
        }
        closedir(files);
    }
    if (library.empty())
        return {};
    return {"", folder + "/lib/" + library, library.substr(9, library.find(".so") - 9)};
}
#endif

/// The Python of a bundle that the program is in. \return false: it is in none. \throws refusal
inline bool find_bundle(found_python &found) {
    const std::string folder = bundle_folder();
    if (folder.empty())
        return false;
    found = python_of_bundle(folder);
    if (found.library.empty())
        throw refusal{no_shared_library, "the bundle '" + folder + '\'',
                      std::string("it has no ") + library_of_bundle,
                      "make it again: holdfast bundle"};
    return true;
}

// --- the search ------------------------------------------------------------------------------

/// The interpreters that are named `name` in the folders of PATH, each once.
inline std::vector<std::string> on_path(const std::string &name) {
    std::vector<std::string> found;
    // A program with more rights than its caller runs nothing that the caller names
    const char *const folders = environment("PATH");
    std::string rest = folders != nullptr ? folders : "";
    while (!rest.empty()) {
        const std::size_t colon = rest.find(between_paths);
        const std::string folder = rest.substr(0, colon);
        rest.erase(0, colon == std::string::npos ? colon : colon + 1);
        const std::string file = folder + '/' + name;
        bool is_known = false;
        for (const std::string &one : found)
            is_known = is_known || one == file;
        if (is_absolute(folder) && is_file(file) && !is_known)
            found.push_back(file);
    }
    return found;
}

/// A Python that was named: by its path, or by a name on PATH.
inline found_python find_named(const std::string &name, const char *origin, const search &wanted) {
    std::string path = name;
    if (name.find_first_of(separators) == std::string::npos) {
        const std::vector<std::string> found = on_path(name);
        path = found.empty() ? name : found.front();
    }
    const std::string who = '\'' + path + "', named by " + origin;
    try {
        return examine_with_backend(path, who, wanted);
    } catch (const refusal &one) {
        throw search_error{one.code, one.who + ", cannot be used: " + one.why, one.remedy};
    }
}

inline std::string python_of_environment(const std::string &folder) {
    const std::string named = folder + python_of_venv;
#if defined(_WIN32)
    return named;
#else
    return is_file(named) ? named : folder + "/bin/python";
#endif
}

inline bool is_about_backend(const refusal &one) {
    return one.code == no_backend || one.code == backend_unfit;
}

inline found_python search_path(const search &wanted) {
    std::vector<refusal> refused;
    for (const std::string &python : on_path(python_on_path))
        try {
            return examine_with_backend(python, '\'' + python + '\'', wanted);
        } catch (const refusal &one) {
            refused.push_back(one);
        }
    if (refused.empty())
        throw search_error{no_python,
                           "no Python was found: hf_config.python, HOLDFAST_PYTHON and VIRTUAL_ENV "
                           "name none, there is no bundle beside the program, and no " +
                               std::string(python_on_path) + " on PATH",
                           "name a Python in hf_config.python or HOLDFAST_PYTHON"};
    // If all were refused for one reason, report it; a missing backend is the easiest to fix.
    const refusal *shown = &refused.front();
    bool alike = true;
    for (const refusal &one : refused) {
        alike = alike && one.code == refused.front().code;
        if (is_about_backend(one) && !is_about_backend(*shown))
            shown = &one;
    }
    const bool has_code = alike || is_about_backend(*shown);
    throw search_error{
        has_code ? shown->code : no_python, "no Python on PATH can be used:" + listed(refused),
        has_code ? shown->remedy : "name a Python in hf_config.python or HOLDFAST_PYTHON"};
}

/// \throws search_error
inline found_python find_python(const hf_config &config, const search &wanted) {
    if (config.python != nullptr && *config.python != '\0')
        return find_named(config.python, "hf_config.python", wanted);
    try {
        found_python found;
        if (find_bundle(found))
            return found;
    } catch (const refusal &one) {
        throw search_error{one.code, one.who + " cannot be used: " + one.why, one.remedy};
    }
    if (config.isolated == 0) {
        if (const char *const python = environment("HOLDFAST_PYTHON"))
            return find_named(python, "HOLDFAST_PYTHON", wanted);
        if (const char *const folder = environment("VIRTUAL_ENV"))
            return find_named(python_of_environment(folder), "VIRTUAL_ENV", wanted);
    }
    return search_path(wanted);
}

}  // namespace holdfast::c
