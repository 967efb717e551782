#include <holdfast/interpreter.hpp>
#include <holdfast/thread_state.hpp>

#include <thread>

int main() {
    holdfast::interpreter python;
    std::thread([&] {
        holdfast::attach_guard attached(python.view());
        PyRun_SimpleString("import sys; print(sys.version_info[:3], sys.executable)");
    }).join();
    return python.finalize(std::chrono::seconds(20)) ? 0 : 1;
}
