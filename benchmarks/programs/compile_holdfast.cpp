// compile_holdfast.cpp: a host that only attaches; the driver times the compiler on it. As `holdfast run` and
// CMake compile it: the runtime's bodies are in an object file of their own.
#define HOLDFAST_COMPILED
#include "compile_headers_only.cpp"
