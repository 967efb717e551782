// c/library/opened.hpp: opens libraries, and finds functions in those that are loaded.
#pragma once

#include <string>

#include <holdfast/platform/library.hpp>

#if defined(_WIN32)
#include <system_error>

#include "windows_api.hpp"
#include "windows_files.hpp"
#else
#include <dlfcn.h>
#endif

namespace holdfast::c {

using holdfast::detail::find_exported;

#if defined(_WIN32)
/// Finds what it needs beside it, and where the system looks. Every library sees its functions.
inline void *open_library(const std::string &file, bool) {
    return LoadLibraryExW(path_of(file).make_preferred().c_str(), nullptr,
                          LOAD_WITH_ALTERED_SEARCH_PATH);
}

inline void *open_again(const std::string &file) { return open_library(file, true); }

inline void close_library(void *library) { FreeLibrary(static_cast<HMODULE>(library)); }

inline void *symbol_in(void *library, const char *name) {
    return reinterpret_cast<void *>(GetProcAddress(static_cast<HMODULE>(library), name));
}

inline std::string why_not_opened() {
    return std::system_category().message(static_cast<int>(GetLastError()));
}

/// The file of the library or program that contains an address; "" if the system does not say.
inline std::string file_around(const void *address) {
    HMODULE module = nullptr;
    if (GetModuleHandleExW(
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
            static_cast<const wchar_t *>(address), &module) == 0)
        return {};
    std::wstring file(32768, L'\0');
    file.resize(GetModuleFileNameW(module, file.data(), static_cast<unsigned long>(file.size())));
    return detail::utf8_of(file);
}
#else
/// \param is_global  libraries that are loaded later see its functions.
inline void *open_library(const std::string &file, bool is_global) {
    return dlopen(file.c_str(), RTLD_NOW | (is_global ? RTLD_GLOBAL : RTLD_LOCAL));
}

/// A library that is loaded already; from now on others see its functions.
inline void *open_again(const std::string &file) {
    return dlopen(file.c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
}

inline void close_library(void *library) { dlclose(library); }

inline void *symbol_in(void *library, const char *name) { return dlsym(library, name); }

inline std::string why_not_opened() {
    const char *const text = dlerror();
    return text != nullptr ? text : "unknown reason";
}

/// The file of the library or program that contains an address; "" if the system does not say.
inline std::string file_around(const void *address) {
    const char *const file = detail::file_around(address);
    return file != nullptr ? file : "";
}
#endif

}  // namespace holdfast::c
