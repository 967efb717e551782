// c/backend/call_sites.hpp: names the place in a program that attached, for reports.
//
// Unlike a C++ function, a C function cannot know its caller's file and line. It knows the address
// that it returns to, and the loader knows the function and the file that contain the address:
// "worker+0x2c in server". `addr2line` finds the line.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#include <dlfcn.h>

#include <holdfast/gate/call_site.hpp>

namespace holdfast::c {

/// The text for an address. It is never freed.
HOLDFAST_DETAIL_COLD inline const char *name_of_site(void *address) {
    static std::mutex mutex;
    static auto *const known = new std::map<void *, std::string>;
    const std::lock_guard<std::mutex> hold(mutex);
    std::string &text = (*known)[address];
    if (!text.empty())
        return text.c_str();
    Dl_info found{};
    if (dladdr(address, &found) == 0 || found.dli_fname == nullptr)
        return (text = "?").c_str();
    const char *const slash = std::strrchr(found.dli_fname, '/');
    const char *const file = slash != nullptr ? slash + 1 : found.dli_fname;
    const bool has_name = found.dli_sname != nullptr;
    char offset[24];
    std::snprintf(offset, sizeof offset, "+0x%zx",
                  static_cast<std::size_t>(
                      static_cast<char *>(address) -
                      static_cast<char *>(has_name ? found.dli_saddr : found.dli_fbase)));
    text = has_name ? std::string(found.dli_sname) + offset + " in " + file
                    : std::string(file) + offset;
    return text.c_str();
}

/// A thread attaches in few places, so it caches their texts.
inline call_site site_of(void *address) {
    struct entry {
        void *address;
        const char *text;
    };
    constexpr std::size_t entries = 8;
    static thread_local entry seen[entries];
    entry &mine = seen[(reinterpret_cast<std::uintptr_t>(address) >> 2) % entries];
    if (__builtin_expect(static_cast<long>(mine.address != address), 0) != 0)
        mine = {address, name_of_site(address)};
    return call_site::at(mine.text, 0);
}

}  // namespace holdfast::c
