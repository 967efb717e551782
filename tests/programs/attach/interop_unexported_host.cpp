// Libraries in a host that does not export holdfast's symbol still share one gate with it.
// shared: interop_library_one.cpp interop_library_two.cpp
// precompiled: no
// short-run: no
#define holdfast_process_v1 holdfast_process_of_a_host_that_does_not_export_it
#include <holdfast/interpreter.hpp>

#include <thread>

#include <dlfcn.h>

#include "check.hpp"
#include "interop_library.hpp"

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
    CHECK(dlsym(RTLD_DEFAULT, "holdfast_process_v1") == nullptr);
    holdfast::interpreter python;
    const interop_library &one = load("interop_library_one.so", "interop_library_one");
    const interop_library &two = load("interop_library_two.so", "interop_library_two");
    std::thread([&] { interop_demand_agreement(one, two, python); }).join();
    interop_demand_agreement(one, two, python);
    {
        const holdfast::attach_guard attached(python.view());
        CHECK(count_thread_states() == 1);
    }
    interop_demand_common_drain(one, two, python);
}
