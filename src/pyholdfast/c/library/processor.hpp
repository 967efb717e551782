// c/library/processor.hpp: whether a program or library is for this kind of processor.
#pragma once

#if defined(_WIN32)
#include "portable_executable.hpp"
#else
#include "elf.hpp"
#endif
