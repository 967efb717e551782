// holdfast/detail/attributes.hpp: what the compiler is told about a function.
//
// Layer 00.
#pragma once

/// Rarely run: kept out of line and optimised for size, so that the fast paths stay short and a
/// translation unit that only attaches compiles quickly.
#define HOLDFAST_DETAIL_COLD __attribute__((cold, noinline))

/// One copy per shared library, whatever visibility the library is built with.
#define HOLDFAST_DETAIL_PRIVATE __attribute__((visibility("hidden")))
