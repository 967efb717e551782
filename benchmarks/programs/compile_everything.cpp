// compile_everything.cpp: a host that starts Python, with all of holdfast's headers.
#define HOLDFAST_COMPILED
#include <holdfast/holdfast.hpp>

#include <thread>

int main() {
    const holdfast::interpreter python;
    std::thread([&] {
        const holdfast::attach_guard attached(python);
        PyRun_SimpleString("pass");
    }).join();
}
