// A program that is ended by a signal: the harness must name it.
// precompiled: no
#include <cstdlib>

int main() { std::abort(); }
