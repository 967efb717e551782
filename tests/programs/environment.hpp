// environment.hpp: sets variables of the program's own environment.
#pragma once

#include <cstdlib>
#include <filesystem>

#if defined(_WIN32)
#include <string>

#include <holdfast/platform/windows.hpp>
#endif

#include "check.hpp"

#if defined(_WIN32)
/// "" removes it. Python's C library is another one than the program's, and has a copy of its own.
inline void put_variable(const char *name, const wchar_t *value) {
    const std::wstring wide(name, name + std::char_traits<char>::length(name));
    CHECK(_wputenv_s(wide.c_str(), value) == 0);
    using put = int __cdecl(const wchar_t *, const wchar_t *);
    if (auto *const its = holdfast::detail::windows_function<put>(L"ucrtbase", "_wputenv_s"))
        CHECK(its(wide.c_str(), value) == 0);
}
#endif

/// \param value  a path or text.
inline void set_variable(const char *name, const std::filesystem::path &value) {
#if defined(_WIN32)
    put_variable(name, value.c_str());
#else
    CHECK(setenv(name, value.c_str(), 1) == 0);
#endif
}

inline void unset_variable(const char *name) {
#if defined(_WIN32)
    put_variable(name, L"");
#else
    CHECK(unsetenv(name) == 0);
#endif
}
