// Two libraries loaded with RTLD_LOCAL and the host share one gate and one thread state per thread.
// shared: interop_library_one.cpp interop_library_two.cpp
#include <holdfast/interpreter.hpp>

#include <thread>

#include <dlfcn.h>

#include "check.hpp"
#include "interop_library.hpp"
#include "run_python.hpp"

namespace {

const interop_library &load(const char *file, const char *symbol) {
    void *const library = dlopen(check::library(file).c_str(), RTLD_NOW | RTLD_LOCAL);
    CHECK(library != nullptr);
    const auto function = reinterpret_cast<const interop_library *(*)()>(dlsym(library, symbol));
    CHECK(function != nullptr);
    return *function();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    const interop_library &one = load("interop_library_one.so", "interop_library_one");
    const interop_library &two = load("interop_library_two.so", "interop_library_two");
    interop_demand_agreement(one, two, python);
    std::thread([&] { interop_demand_agreement(one, two, python); }).join();
    interop_demand_common_drain(one, two, python);
}
