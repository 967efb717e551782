// loaded_library.hpp: loads a shared library that the program's comment names after `shared:`.
#pragma once

#include <string>

#if defined(_WIN32)
#define NOMINMAX
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <dlfcn.h>
#endif

#include "check.hpp"

/// A library that is kept apart from the others: its symbols are found by symbol_of() only.
/// \param name  without a suffix.
inline void *load_library(const std::string &name) {
#if defined(_WIN32)
    void *const library = LoadLibraryA(check::library(name + ".dll").c_str());
#else
    void *const library = dlopen(check::library(name + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
#endif
    CHECK(library != nullptr);
    return library;
}

inline void unload_library(void *library) {
#if defined(_WIN32)
    CHECK(FreeLibrary(static_cast<HMODULE>(library)) != 0);
#else
    CHECK(dlclose(library) == 0);
#endif
}

template <class Function>
Function *symbol_of(void *library, const char *name) {
#if defined(_WIN32)
    void *const found =
        reinterpret_cast<void *>(GetProcAddress(static_cast<HMODULE>(library), name));
#else
    void *const found = dlsym(library, name);
#endif
    CHECK(found != nullptr);
    return reinterpret_cast<Function *>(found);
}
