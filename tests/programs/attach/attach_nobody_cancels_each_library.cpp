// Each library notices an import of pthread_cancel(), even if another library has looked before.
// shared: attach_nobody_cancels_each_library_one.cpp attach_nobody_cancels_each_library_two.cpp
// short-run: no
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include <dlfcn.h>

#include "check.hpp"

namespace {

/// What a thread finds in a library that it uses for the first time.
bool found_by(void *library) {
    auto *const look = reinterpret_cast<bool (*)()>(dlsym(library, "attach_and_look"));
    CHECK(look != nullptr);
    bool found = false;
    std::thread([&] { found = look(); }).join();
    return found;
}

void *load(const char *name) {
    void *const library = dlopen(check::library(name).c_str(), RTLD_NOW | RTLD_LOCAL);
    CHECK(library != nullptr);
    return library;
}

}  // namespace

int main() {
    holdfast::interpreter python;
#if defined(__GLIBC__)
    void *const one = load("attach_nobody_cancels_each_library_one.so");
    CHECK(!found_by(one));
    void *const two = load("attach_nobody_cancels_each_library_two.so");
    CHECK(found_by(two));
    CHECK(found_by(one));
#endif
    CHECK(python.finalize(std::chrono::seconds(30)));
}
