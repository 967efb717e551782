// c/library/loaded.hpp: the libpython that this process has already loaded.
#pragma once

#include <cstring>
#include <string>

#if !defined(_WIN32)
#include <link.h>
#endif

#include "files.hpp"
#include "opened.hpp"

namespace holdfast::c {

struct loaded_python {
    bool exists = false;
    bool runs = false;    // initialized
    std::string minor;    // "3.13t"
    std::string version;  // "3.13.5"
    std::string path;     // of the file that it is in: libpython, or the program
};

/// Finds a libpython that was loaded with hidden symbols, as the libraries of plug-ins are.
inline std::string hidden_libpython() {
    std::string found;
#if !defined(_WIN32)  // there every library's functions can be found
    dl_iterate_phdr(
        [](dl_phdr_info *info, std::size_t, void *data) {
            const std::string path = info->dlpi_name != nullptr ? info->dlpi_name : "";
            if (name_in(path).compare(0, 10, "libpython3") == 0 &&
                path.find(".so") != std::string::npos && name_in(path) != "libpython3.so")
                *static_cast<std::string *>(data) = path;
            return 0;
        },
        &found);
#endif
    return found;
}

inline loaded_python find_loaded_python() {
    loaded_python found;
    void *get_version = find_exported("Py_GetVersion");
    if (get_version == nullptr) {
        found.path = hidden_libpython();
        if (found.path.empty())
            return found;
        void *const library = open_again(found.path);
        get_version = library != nullptr ? symbol_in(library, "Py_GetVersion") : nullptr;
        if (get_version == nullptr)
            return found;
    }
    found.path = file_around(get_version);
    const std::string text = reinterpret_cast<const char *(*)()>(get_version)();
    found.exists = true;
    found.version = text.substr(0, text.find_first_of(" +"));
    found.minor = found.version.substr(0, found.version.find('.', found.version.find('.') + 1));
    if (text.find("free-threading") != std::string::npos)
        found.minor += 't';
    // Only builds that count references, as debug builds do, have this function.
    if (find_exported("_Py_NegativeRefcount") != nullptr)
        found.minor += 'd';
    const auto is_initialized = reinterpret_cast<int (*)()>(find_exported("Py_IsInitialized"));
    found.runs = is_initialized != nullptr && is_initialized() != 0;
    return found;
}

}  // namespace holdfast::c
