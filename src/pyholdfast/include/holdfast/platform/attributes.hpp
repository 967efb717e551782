// holdfast/platform/attributes.hpp: the compiler attributes that holdfast uses.
#pragma once

#include <holdfast/platform/requirements.hpp>

/// For code that rarely runs: kept out of line and optimised for size, so that the fast paths stay
/// short.
#define HOLDFAST_DETAIL_COLD __attribute__((cold, noinline))

/// The same, for what only such code calls. Its only caller may take it in, which saves a host that
/// compiles the headers a fourteenth of the time.
#define HOLDFAST_DETAIL_RARE __attribute__((cold))

/// For a function whose argument number `at` is a format as printf() takes it. What it formats
/// begins with argument `first`, or is a va_list if that is 0. GCC's own `printf` is Microsoft's old
/// one on Windows, where libstdc++ has mingw-w64 print as C99 says. (mingw-w64's macro for that is
/// defined by <stdio.h>, which may come after this file.)
#if defined(_WIN32) && !defined(__clang__)
#define HOLDFAST_DETAIL_PRINTF(at, first) __attribute__((format(gnu_printf, at, first)))
#else
#define HOLDFAST_DETAIL_PRINTF(at, first) __attribute__((format(printf, at, first)))
#endif

/// For the constructor of a class with a std::mutex, which is not constexpr in mingw-w64's library.
#if defined(_WIN32) && !defined(__clang__)
#define HOLDFAST_DETAIL_CONSTEXPR_MUTEX
#else
#define HOLDFAST_DETAIL_CONSTEXPR_MUTEX constexpr
#endif

/// One copy per shared library, whatever the library's default visibility. On Windows every library
/// has its own copy of everything.
#if defined(_WIN32)
#define HOLDFAST_DETAIL_PRIVATE
#else
#define HOLDFAST_DETAIL_PRIVATE __attribute__((visibility("hidden")))
#endif

/// For the few functions that every attach or call runs: called directly.
#define HOLDFAST_DETAIL_HOT __attribute__((noinline)) HOLDFAST_DETAIL_PRIVATE

/// For a part of such a function that has a name of its own.
#define HOLDFAST_DETAIL_INLINE inline __attribute__((always_inline))

/// For a function whose body is in its header's .ipp file. Each translation unit compiles the body,
/// unless HOLDFAST_COMPILED is defined: then only compiled.cpp does, and a host compiles in a
/// fraction of the time.
#if defined(HOLDFAST_COMPILED)
#define HOLDFAST_DETAIL_BODY
#else
#define HOLDFAST_DETAIL_BODY inline
#endif
/// The same, for code that rarely runs.
#define HOLDFAST_DETAIL_COLD_BODY HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY
#define HOLDFAST_DETAIL_RARE_BODY HOLDFAST_DETAIL_RARE HOLDFAST_DETAIL_BODY
/// The same, for what a fast path calls in its less common cases: never inlined into it.
#define HOLDFAST_DETAIL_OUTLINED_BODY __attribute__((noinline)) HOLDFAST_DETAIL_BODY

/// Goes before a guard's constructor: a guard without a name would end on the same line. GCC before
/// 10 warns about the attribute itself there.
#if defined(__clang__) || __GNUC__ >= 10
#define HOLDFAST_DETAIL_NAMED [[nodiscard]]
#else
#define HOLDFAST_DETAIL_NAMED
#endif
