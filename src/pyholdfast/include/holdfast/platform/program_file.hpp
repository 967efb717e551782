// holdfast/platform/program_file.hpp: the file of the running program.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

#if defined(_WIN32)
#include <holdfast/platform/windows.hpp>
#elif defined(__APPLE__)
#include <mach-o/dyld.h>
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// Empty if the system does not say. \throws std::bad_alloc
HOLDFAST_DETAIL_COLD inline std::filesystem::path program_file() {
#if defined(_WIN32)
    std::wstring file(260, L'\0');
    for (;;) {
        const auto room = static_cast<unsigned long>(file.size());
        const unsigned long used = GetModuleFileNameW(nullptr, file.data(), room);
        if (used < room) {
            file.resize(used);
            return file;
        }
        file.resize(file.size() * 2);
    }
#elif defined(__APPLE__)
    std::uint32_t size = 0;
    _NSGetExecutablePath(nullptr, &size);
    std::string file(size, '\0');
    if (_NSGetExecutablePath(file.data(), &size) != 0)
        return {};
    std::error_code ignored;
    return std::filesystem::canonical(file.c_str(), ignored);
#else
    std::error_code ignored;
    return std::filesystem::read_symlink("/proc/self/exe", ignored);
#endif
}

}  // namespace holdfast::detail
