// holdfast/platform/requirements.hpp: refuses a compiler setup that holdfast cannot use.
//
// It comes before all else: the code after it would fail in a hundred places, far from the cause.
#pragma once

#if defined(_MSVC_LANG)
#define HOLDFAST_DETAIL_LANGUAGE _MSVC_LANG
#else
#define HOLDFAST_DETAIL_LANGUAGE __cplusplus
#endif

#if HOLDFAST_DETAIL_LANGUAGE < 201703L
#error \
    "HF188 holdfast needs C++17; do: compile with -std=c++17 or later (CMake: target_compile_features(... cxx_std_17))"
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#error \
    "HF188 holdfast was not tried with this compiler, and uses attributes of GCC; do: compile with mingw-w64's g++, which is tested"
#endif

#if !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#error \
    "HF188 holdfast reports errors with exceptions, which are disabled; do: compile without -fno-exceptions"
#endif
