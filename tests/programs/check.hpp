// check.hpp: how test programs report a broken promise.
//
// Needs neither Python nor holdfast. A failed check ends the process at once: other threads may hold
// locks, and a clean exit through finalize() is not what a failed test is about.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace check {

[[noreturn]] inline void fail(const char *file, int line, const std::string &what) {
    std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
    std::fflush(nullptr);
    std::_Exit(1);
}

/// Path of a library that the program's comment names after `shared:`; `name` is e.g. "plugin.so".
inline std::string library(const std::string &name) {
#ifdef TEST_LIBRARIES
    std::string args = TEST_LIBRARIES;
#if defined(_WIN32)
    const char between = ';';
#else
    const char between = ':';
#endif
    while (!args.empty()) {
        const std::size_t end = args.find(between);
        std::string path = args.substr(0, end) + '/' + name;
        if (std::FILE *const file = std::fopen(path.c_str(), "rb")) {
            std::fclose(file);
            return path;
        }
        args = end == std::string::npos ? std::string() : args.substr(end + 1);
    }
#endif
    fail(__FILE__, __LINE__, "no library " + name + " was built for this program");
}

}  // namespace check

/// Ends the process with status 1 unless the expression is true.
#define CHECK(...)                                                      \
    do {                                                                \
        if (!static_cast<bool>(__VA_ARGS__))                            \
            check::fail(__FILE__, __LINE__, "not true: " #__VA_ARGS__); \
    } while (false)

/// Ends the process with status 1, and prints what should not have happened.
#define CHECK_NOT_REACHED(what) check::fail(__FILE__, __LINE__, "it came to this: " what)

/// Ends the process with status 1 unless the expression throws `Type`, or something derived from it.
#define CHECK_THROWS(Type, ...)                                                   \
    do {                                                                          \
        bool check_threw = false;                                                 \
        try {                                                                     \
            static_cast<void>(__VA_ARGS__);                                       \
        } catch (const Type &) {                                                  \
            check_threw = true;                                                   \
        }                                                                         \
        if (!check_threw)                                                         \
            check::fail(__FILE__, __LINE__, "threw no " #Type ": " #__VA_ARGS__); \
    } while (false)
