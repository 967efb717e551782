// compile_everything.cpp: the host of compile_holdfast.cpp with all of holdfast's headers.
#include <holdfast/holdfast.hpp>

#include <thread>

int main() {
    const holdfast::interpreter python;
    std::thread([&] {
        const holdfast::attach_guard attached(python);
        PyRun_SimpleString("pass");
    }).join();
}
