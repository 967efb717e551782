// The search for an import reads a whole library, even if its names are far from its symbols (patchelf).
// shared: attach_nobody_cancels_library.cpp
// flags: -Wl,--section-start=.dynstr=0x800000
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <thread>

#include <dlfcn.h>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    CHECK(dlopen(check::library("attach_nobody_cancels_library.so").c_str(), RTLD_NOW) != nullptr);
    std::thread([] { CHECK(holdfast::eval<int>("1 + 1") == 2); }).join();
#if defined(__GLIBC__)
    CHECK(holdfast::detail::threads_may_be_cancelled());
#endif
    CHECK(python.finalize(std::chrono::seconds(30)));
}
