// holdfast/platform/library.ipp: the bodies of library.hpp.
#pragma once

#include <holdfast/platform/library.hpp>

#include <atomic>
#include <cstdint>
#include <cstring>

#if defined(_WIN32)
#include <holdfast/platform/windows.hpp>
#else
#include <dlfcn.h>
#if defined(__GLIBC__)
#include <link.h>
#endif
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_RARE_BODY void pin_library(const void *address) noexcept {
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

#if defined(_WIN32)
template <class Visit>
HOLDFAST_DETAIL_RARE void for_each_library(Visit &&visit) noexcept {
    constexpr unsigned long most = 1024;
    HINSTANCE__ *libraries[most];
    unsigned long size = 0;
    if (K32EnumProcessModules(GetCurrentProcess(), libraries, sizeof libraries, &size) == 0)
        return;
    const unsigned long count = size / sizeof libraries[0];
    for (unsigned long i = 0; i < count && i < most; ++i)
        visit(libraries[i]);
}
#endif

HOLDFAST_DETAIL_RARE_BODY void *find_exported(const char *name) noexcept {
#if defined(_WIN32)
    void *found = nullptr;
    for_each_library([&](HINSTANCE__ *library) {
        if (found == nullptr)
            found = reinterpret_cast<void *>(GetProcAddress(library, name));
    });
    return found;
#else
    return dlsym(RTLD_DEFAULT, name);
#endif
}

HOLDFAST_DETAIL_RARE_BODY exported_object find_exported_object(const char *name) noexcept {
    exported_object found;
#if defined(__GLIBC__)
    const void *const begin = find_exported(name);
    const ElfW(Sym) *symbol = nullptr;
    Dl_info where{};
    if (begin != nullptr &&
        dladdr1(begin, &where, reinterpret_cast<void **>(const_cast<ElfW(Sym) **>(&symbol)),
                RTLD_DL_SYMENT) != 0 &&
        symbol != nullptr && where.dli_saddr == begin)
        found = {reinterpret_cast<std::uintptr_t>(begin),
                 static_cast<std::size_t>(symbol->st_size)};
#else
    (void)name;
#endif
    return found;
}

#if defined(_WIN32)
/// The start of a library's section; null: it has none of that name.
HOLDFAST_DETAIL_RARE inline void *section_of(HINSTANCE__ *library, const char *name) noexcept {
    const auto *const image = reinterpret_cast<const unsigned char *>(library);
    const auto number = [](const unsigned char *at, unsigned bytes) {
        std::uint32_t value = 0;
        std::memcpy(&value, at, bytes);
        return value;
    };
    const unsigned char *const header = image + number(image + 0x3C, 4);
    const std::uint32_t sections = number(header + 6, 2);
    const unsigned char *section = header + 24 + number(header + 20, 2);
    for (std::uint32_t i = 0; i < sections; ++i, section += 40)
        if (std::strncmp(reinterpret_cast<const char *>(section), name, 8) == 0)
            return reinterpret_cast<void *>(
                const_cast<unsigned char *>(image + number(section + 12, 4)));
    return nullptr;
}
#endif

HOLDFAST_DETAIL_RARE_BODY void *find_published(const char *name,
                                               const std::atomic<void *> &own) noexcept {
#if defined(_WIN32)
    (void)name;
    void *found = nullptr;
    for_each_library([&](HINSTANCE__ *library) {
        const auto *const its =
            static_cast<const std::atomic<void *> *>(section_of(library, ".hfproc"));
        if (found == nullptr && its != nullptr && its != &own)
            found = its->load(std::memory_order_acquire);
    });
    return found;
#else
    const auto *const exported = static_cast<const std::atomic<void *> *>(find_exported(name));
    return exported != nullptr && exported != &own ? exported->load(std::memory_order_acquire)
                                                   : nullptr;
#endif
}

#if HOLDFAST_DETAIL_HAS_GLOBAL_SYMBOLS
HOLDFAST_DETAIL_RARE_BODY bool is_global_symbol(const char *name) noexcept {
    // Not RTLD_DEFAULT, which includes what only we can see
    void *const program = dlopen(nullptr, RTLD_LAZY);
    const bool found = program != nullptr && dlsym(program, name) != nullptr;
    if (program != nullptr)
        dlclose(program);
    return found;
}

HOLDFAST_DETAIL_RARE_BODY const char *file_around(const void *address) noexcept {
    Dl_info inside{};
    return dladdr(address, &inside) != 0 ? inside.dli_fname : nullptr;
}

HOLDFAST_DETAIL_RARE_BODY bool make_global(const char *file) noexcept {
    return dlopen(file, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD) != nullptr;
}
#endif

}  // namespace holdfast::detail
