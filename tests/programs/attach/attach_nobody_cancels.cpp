// A process in which no object imports pthread_cancel() pays nothing for it; a library that imports it is noticed.
// shared: attach_nobody_cancels_library.cpp
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <thread>

#include <dlfcn.h>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    std::thread([] { CHECK(holdfast::eval<int>("1 + 1") == 2); }).join();
#if defined(__GLIBC__)
    CHECK(!holdfast::detail::threads_may_be_cancelled());
    CHECK(dlopen(check::library("attach_nobody_cancels_library.so").c_str(), RTLD_NOW) != nullptr);
    std::thread([] { CHECK(holdfast::eval<int>("1 + 1") == 2); }).join();
    CHECK(holdfast::detail::threads_may_be_cancelled());
#endif
    CHECK(python.finalize(std::chrono::seconds(30)));
}
