// A native thread attaches with the same thread state every time, and no other thread has that state.
#include <holdfast/interpreter.hpp>

#include <thread>

#include "check.hpp"
#include "run_python.hpp"

namespace {

PyThreadState *state_of_an_attach(const holdfast::interpreter &python) {
    const holdfast::attach_guard attached(python.view());
    return PyThreadState_Get();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    PyThreadState *const mine = state_of_an_attach(python);
    std::thread([&] {
        PyThreadState *const first = state_of_an_attach(python);
        CHECK(first != mine);
        for (int i = 0; i < 1000; ++i)
            CHECK(state_of_an_attach(python) == first);
        const holdfast::attach_guard attached;  // by another constructor, the same
        CHECK(PyThreadState_Get() == first);
        CHECK(count_thread_states() == 2);
    }).join();
    CHECK(state_of_an_attach(python) == mine);

    const holdfast::attach_guard attached(python.view());
    CHECK(count_thread_states() == 1);  // the thread took its state with it
}
