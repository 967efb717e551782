// One of two libraries that share an interpreter: see interop_library.hpp.
#include "interop_library.hpp"

INTEROP_LIBRARY(interop_library_one)
