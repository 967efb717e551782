// holdfast/platform/attributes.hpp: what the compiler is told about a function.
#pragma once

#include <holdfast/platform/requirements.hpp>

/// Rarely run: kept out of line and optimised for size, so that the fast paths stay short.
#define HOLDFAST_DETAIL_COLD __attribute__((cold, noinline))

/// One copy per shared library, whatever visibility the library is built with.
#define HOLDFAST_DETAIL_PRIVATE __attribute__((visibility("hidden")))

/// A function whose body is in the .ipp file of its header. Each translation unit has it, or, where
/// HOLDFAST_COMPILED is defined, compiled.cpp alone: then a host compiles in a fraction of the
/// time.
#if defined(HOLDFAST_COMPILED)
#define HOLDFAST_DETAIL_BODY
#else
#define HOLDFAST_DETAIL_BODY inline
#endif

/// Before a guard's constructor: one without a name would end where it begins. GCC before 10 warns
/// of the attribute itself there.
#if defined(__clang__) || __GNUC__ >= 10
#define HOLDFAST_DETAIL_NAMED [[nodiscard]]
#else
#define HOLDFAST_DETAIL_NAMED
#endif
