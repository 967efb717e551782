// holdfast/lifecycle/built_for.hpp: checks that the host was compiled for the Python that runs.
//
// CPython's headers inline parts of its structures. A host that was compiled for another minor
// version, or for a free-threaded build instead of one with a GIL, still loads, but misbehaves. So
// the host checks before it starts Python.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstdlib>
#include <string>

#include <holdfast/error.hpp>
#include <holdfast/platform/library.hpp>

namespace holdfast::detail {

/// `holdfast doctor BINARY` reads this in a built host: "holdfast-built-for:030c01f0:g:r" is the
/// hexversion, then t or g for free-threaded or GIL, then d or r for debug or release.
struct built_for_text {
    char text[64] = {};

    constexpr built_for_text() {
        const char *const head = "holdfast-built-for:";
        unsigned at = 0;
        for (; head[at] != '\0'; ++at)
            text[at] = head[at];
        for (int shift = 28; shift >= 0; shift -= 4)
            text[at++] = "0123456789abcdef"[(compiled_version_hex >> shift) & 15U];
        text[at++] = ':';
        text[at++] = compiled_for_free_threading ? 't' : 'g';
        text[at++] = ':';
        text[at++] = compiled_for_debug ? 'd' : 'r';
    }
};

}  // namespace holdfast::detail

extern "C" {
__attribute__((used)) inline constexpr holdfast::detail::built_for_text holdfast_built_for_v1{};
}

namespace holdfast::detail {

/// The properties of a CPython build that compiled code depends on.
struct python_build {
    int major;
    int minor;
    bool free_threaded;
    bool debug;

    [[nodiscard]] std::string text() const {
        return "CPython " + std::to_string(major) + '.' + std::to_string(minor) +
               (free_threaded ? " free-threaded" : "") + (debug ? " debug" : "");
    }
    friend bool operator==(const python_build &a, const python_build &b) noexcept {
        return a.major == b.major && a.minor == b.minor && a.free_threaded == b.free_threaded &&
               a.debug == b.debug;
    }
};

constexpr python_build compiled_build() noexcept {
    return {static_cast<int>(compiled_version_hex >> 24),
            static_cast<int>((compiled_version_hex >> 16) & 0xFFU), compiled_for_free_threading,
            compiled_for_debug};
}

/// The libpython in this process. Works before Python is initialised.
HOLDFAST_DETAIL_COLD inline python_build running_build() {
    // "3.13.5 free-threading build (main, ...) [GCC ...]"
    const char *const version = Py_GetVersion();
    char *after = nullptr;
    python_build found{};
    found.major = static_cast<int>(std::strtol(version, &after, 10));
    found.minor = after != nullptr && *after == '.'
                      ? static_cast<int>(std::strtol(after + 1, nullptr, 10))
                      : 0;
    found.free_threaded = std::string(version).find("free-threading") != std::string::npos;
    // Only builds that count references, as debug builds do, have this function.
    found.debug = find_exported("_Py_NegativeRefcount") != nullptr;
    return found;
}

/// \throws startup_error HF231, which names both builds.
HOLDFAST_DETAIL_COLD inline void demand_same_build() {
    const python_build compiled = compiled_build();
    const python_build running = running_build();
    if (compiled == running)
        return;
    throw startup_error("HF231",
                        "this host was built for " + compiled.text() + " but runs on " +
                            running.text() + " (" + Py_GetVersion() + ')',
                        "build it again with the Python it is to run on: holdfast build --python "
                        "PATH, or delete the build folder and configure CMake again");
}

}  // namespace holdfast::detail
