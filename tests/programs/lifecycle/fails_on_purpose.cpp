// A check that is not true: the harness must say where.
// precompiled: no
#include <cstdio>

#include "check.hpp"

int main() {
    CHECK(1 + 1 == 3);
    std::puts("not reached");
}
