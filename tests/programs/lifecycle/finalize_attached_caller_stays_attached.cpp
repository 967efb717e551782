// If finalize() reaches its limit, its caller is attached or detached as before the call.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    event inside;
    event go;
    std::thread worker([&] {
        const holdfast::attach_guard attached(python.view());
        const holdfast::detach_guard detached;
        inside.set();
        go.wait();
    });
    inside.wait();
    CHECK(!python.finalize(std::chrono::milliseconds(1)));
    CHECK(!holdfast::attached());
    const PyGILState_STATE before = PyGILState_Ensure();
    CHECK(!python.finalize(std::chrono::milliseconds(1)));
    CHECK(holdfast::attached());
    run_python("still = 'here'");
    PyGILState_Release(before);
    CHECK(!holdfast::attached());
    go.set();
    CHECK(python.finalize(std::chrono::seconds(10)));
    worker.join();
}
