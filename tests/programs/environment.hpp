// environment.hpp: sets variables of the program's own environment.
#pragma once

#include <cstdlib>
#include <filesystem>

#include "check.hpp"

/// \param value  a path or text.
inline void set_variable(const char *name, const std::filesystem::path &value) {
#if defined(_WIN32)
    CHECK(_putenv_s(name, value.string().c_str()) == 0);
#else
    CHECK(setenv(name, value.c_str(), 1) == 0);
#endif
}

inline void unset_variable(const char *name) {
#if defined(_WIN32)
    CHECK(_putenv_s(name, "") == 0);
#else
    CHECK(unsetenv(name) == 0);
#endif
}
