// Two libraries that were loaded apart (RTLD_LOCAL) and the host share one gate and one thread state per thread.
// shared: interop_library_one.cpp interop_library_two.cpp
#include <holdfast/interpreter.hpp>

#include <thread>

#include "check.hpp"
#include "interop_library.hpp"
#include "loaded_library.hpp"
#include "run_python.hpp"

namespace {

const interop_library &load(const char *name) {
    return *symbol_of<const interop_library *()>(load_library(name), name)();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    const interop_library &one = load("interop_library_one");
    const interop_library &two = load("interop_library_two");
    interop_demand_agreement(one, two, python);
    std::thread([&] { interop_demand_agreement(one, two, python); }).join();
    interop_demand_common_drain(one, two, python);
}
