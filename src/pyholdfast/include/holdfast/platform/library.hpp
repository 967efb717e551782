// holdfast/platform/library.hpp: the shared libraries of this process.
#pragma once

#if defined(_WIN32)
#include <holdfast/platform/windows.hpp>
#define HOLDFAST_DETAIL_HAS_GLOBAL_SYMBOLS 0
#else
#include <dlfcn.h>
#define HOLDFAST_DETAIL_HAS_GLOBAL_SYMBOLS 1
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// Keeps the library that contains `address` in memory for good: the system or a thread's record
/// will call into it when a thread ends or at a fork, however long after it was unloaded last.
HOLDFAST_DETAIL_COLD inline void pin_library(const void *address) noexcept {
#if defined(_WIN32)
    constexpr unsigned long pin_by_address = 0x1U | 0x4U;
    HINSTANCE__ *module = nullptr;
    GetModuleHandleExW(pin_by_address, static_cast<const wchar_t *>(address), &module);
#else
    Dl_info where{};
    if (dladdr(address, &where) != 0 && where.dli_fname != nullptr)
        dlopen(where.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
#endif
}

/// A symbol that some library of this process exports; null: none does. On POSIX only libraries
/// count whose symbols this one sees.
HOLDFAST_DETAIL_COLD inline void *find_exported(const char *name) noexcept {
#if defined(_WIN32)
    constexpr unsigned long most = 1024;
    HINSTANCE__ *modules[most];
    unsigned long size = 0;
    if (K32EnumProcessModules(GetCurrentProcess(), modules, sizeof modules, &size) == 0)
        return nullptr;
    const unsigned long count = size / sizeof modules[0];
    for (unsigned long i = 0; i < count && i < most; ++i)
        if (void *const found = reinterpret_cast<void *>(GetProcAddress(modules[i], name)))
            return found;
    return nullptr;
#else
    return dlsym(RTLD_DEFAULT, name);
#endif
}

#if HOLDFAST_DETAIL_HAS_GLOBAL_SYMBOLS
/// Whether a library that is loaded from now on finds the symbol in the process.
HOLDFAST_DETAIL_COLD inline bool is_global_symbol(const char *name) noexcept {
    // Not RTLD_DEFAULT, which includes what only we can see
    void *const program = dlopen(nullptr, RTLD_LAZY);
    const bool found = program != nullptr && dlsym(program, name) != nullptr;
    if (program != nullptr)
        dlclose(program);
    return found;
}

/// The file of the library or program that contains `address`; null if the system does not say.
HOLDFAST_DETAIL_COLD inline const char *file_around(const void *address) noexcept {
    Dl_info inside{};
    return dladdr(address, &inside) != 0 ? inside.dli_fname : nullptr;
}

/// Makes the symbols of a loaded library visible to libraries that are loaded later, for good.
HOLDFAST_DETAIL_COLD inline bool make_global(const char *file) noexcept {
    return dlopen(file, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD) != nullptr;
}
#endif

}  // namespace holdfast::detail
