// compile_holdfast.cpp: a host that only attaches; the driver times the compiler on it.
#include <holdfast/interpreter.hpp>

#include <thread>

int main() {
    const holdfast::interpreter python;
    std::thread([&] {
        const holdfast::attach_guard attached(python);
        PyRun_SimpleString("pass");
    }).join();
}
