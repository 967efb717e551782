// compile_typed.cpp: three typed calls, by the header that is made from typed_module.py. As `holdfast run` and
// CMake compile it: the runtime's bodies are in an object file of their own.
#define HOLDFAST_COMPILED
#include "compile_typed_headers_only.cpp"
