// Two linked libraries with hidden visibility and the host share one gate and one thread state per thread.
// link: interop_library_one.cpp interop_library_two.cpp
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "interop_library.hpp"
#include "run_python.hpp"

extern "C" const interop_library *interop_library_one();
extern "C" const interop_library *interop_library_two();

int main() {
    holdfast::interpreter python;
    const auto begun = [&] {
        return interop_demand_agreement(*interop_library_one(), *interop_library_two(), python);
    };
    begun();
    std::thread(begun).join();
    interop_demand_common_drain(*interop_library_one(), *interop_library_two(), python);
}
