// A check that fails: the harness must name the line.
// precompiled: no
#include <cstdio>

#include "check.hpp"

int main() {
    CHECK(1 + 1 == 3);
    std::puts("not reached");
}
