// holdfast/coroutines.hpp: C++20 coroutines that await Python, and that Python awaits.
#pragma once

#if !defined(__cpp_impl_coroutine)
#error "HF188 holdfast/coroutines.hpp needs C++20; do: compile with -std=c++20 or later"
#else
#include <holdfast/coroutines/coroutine.hpp>
#include <holdfast/coroutines/pending.hpp>
#include <holdfast/coroutines/python_awaits.hpp>
#endif
