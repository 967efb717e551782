// Expected to hang: two threads race to a function-local static whose initialiser calls Python.
// raw-twin: hang
// python: gil
// deadline: 3
#include <holdfast/interpreter.hpp>

#include <thread>

#include "event.hpp"

namespace {

template <class Before>
int compute(Before before) {
    before();
    const PyGILState_STATE state = PyGILState_Ensure();
    PyGILState_Release(state);
    return 42;
}

event initialising, is_attached;

int value_made_by_python() {
    static const int value = compute([] {
        initialising.set();
        is_attached.wait();
    });
    return value;
}

}  // namespace

int main() {
    holdfast::interpreter python;
    std::thread initialises([] { value_made_by_python(); });
    std::thread is_attached_first([] {
        initialising.wait();
        const PyGILState_STATE state = PyGILState_Ensure();
        is_attached.set();
        value_made_by_python();
        PyGILState_Release(state);
    });
    initialises.join();
    is_attached_first.join();
}
