// c/backend/call_sites.hpp: names the place in a program that attached, for reports.
//
// Unlike a C++ function, a C function cannot know its caller's file and line. It knows the address
// that it returns to, and the loader knows the function and the file that contain the address:
// "worker+0x2c in server". `addr2line` finds the line.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#if defined(_WIN32)
#include <holdfast/platform/windows.hpp>
#else
#include <dlfcn.h>
#endif

#include <holdfast/gate/call_site.hpp>

namespace holdfast::c {

/// The place of an address, in words; "?" if the system does not say.
#if defined(_WIN32)
HOLDFAST_DETAIL_COLD inline std::string place_of(void *address) {
    constexpr unsigned long by_address_without_counting = 0x4U | 0x2U;
    HINSTANCE__ *module = nullptr;
    wchar_t file[1024] = L"";
    if (GetModuleHandleExW(by_address_without_counting, static_cast<const wchar_t *>(address),
                           &module) == 0 ||
        GetModuleFileNameW(module, file, sizeof file / sizeof file[0]) == 0)
        return "?";
    const std::string path = detail::utf8_of(file);
    char offset[24];
    std::snprintf(offset, sizeof offset, "+0x%llx",
                  static_cast<unsigned long long>(static_cast<char *>(address) -
                                                  reinterpret_cast<char *>(module)));
    return path.substr(path.find_last_of("/\\") + 1) + offset;
}
#else
HOLDFAST_DETAIL_COLD inline std::string place_of(void *address) {
    Dl_info found{};
    if (dladdr(address, &found) == 0 || found.dli_fname == nullptr)
        return "?";
    const char *const slash = std::strrchr(found.dli_fname, '/');
    const char *const file = slash != nullptr ? slash + 1 : found.dli_fname;
    const bool has_name = found.dli_sname != nullptr;
    char offset[24];
    std::snprintf(offset, sizeof offset, "+0x%zx",
                  static_cast<std::size_t>(
                      static_cast<char *>(address) -
                      static_cast<char *>(has_name ? found.dli_saddr : found.dli_fbase)));
    return has_name ? std::string(found.dli_sname) + offset + " in " + file
                    : std::string(file) + offset;
}
#endif

/// The text for an address. It is never freed.
///
/// A chain that only grows, without a mutex, which a lost thread might have locked in a forked child.
/// Two threads may add the same address at once; then it has two texts.
HOLDFAST_DETAIL_COLD inline const char *name_of_site(void *address) {
    struct site {
        void *address;
        std::string text;
        const site *next;
    };
    static std::atomic<const site *> newest{nullptr};
    // acquire and release: who finds a site reads what its maker wrote
    for (const site *known = newest.load(std::memory_order_acquire); known != nullptr;
         known = known->next)
        if (known->address == address)
            return known->text.c_str();
    auto *const fresh = new site{address, place_of(address), nullptr};
    fresh->next = newest.load(std::memory_order_relaxed);
    while (!newest.compare_exchange_weak(fresh->next, fresh, std::memory_order_release,
                                         std::memory_order_relaxed)) {}
    return fresh->text.c_str();
}

/// A thread attaches in few places, so it caches their texts.
inline call_site site_of(void *address) {
    struct entry {
        void *address;
        const char *text;
    };
    constexpr std::size_t entries = 8;
    static thread_local entry seen[entries];
    entry *mine = &seen[(reinterpret_cast<std::uintptr_t>(address) >> 2) % entries];
    if (__builtin_expect(static_cast<long>(mine->address != address), 0) != 0)
        *mine = {address, name_of_site(address)};
    return call_site::at(mine->text, 0);
}

}  // namespace holdfast::c
