// A program that a signal ends: the harness must name the signal.
// precompiled: no
#include <cstdlib>

int main() { std::abort(); }
