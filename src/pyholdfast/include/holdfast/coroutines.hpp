// holdfast/coroutines.hpp: C++20 coroutines that await Python, and that Python awaits.
#pragma once

#if !defined(__cpp_impl_coroutine)
#error "holdfast/coroutines.hpp needs C++20: compile with -std=c++20"
#else
#include <holdfast/coroutines/coroutine.hpp>
#include <holdfast/coroutines/pending.hpp>
#include <holdfast/coroutines/python_awaits.hpp>
#endif
