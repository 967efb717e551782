// Expected to hang: two threads lock a std::mutex and attach, in opposite order.
// raw-twin: hang
// python: gil
// deadline: 3
#include <holdfast/interpreter.hpp>

#include <mutex>
#include <thread>

#include "event.hpp"

int main() {
    holdfast::interpreter python;
    std::mutex application;
    event has_mutex, is_attached;

    std::thread first_mutex([&] {
        const std::lock_guard<std::mutex> hold(application);
        has_mutex.set();
        is_attached.wait();
        const PyGILState_STATE state = PyGILState_Ensure();
        PyGILState_Release(state);
    });
    std::thread first_attached([&] {
        has_mutex.wait();
        const PyGILState_STATE state = PyGILState_Ensure();
        is_attached.set();
        { const std::lock_guard<std::mutex> hold(application); }
        PyGILState_Release(state);
    });
    first_mutex.join();
    first_attached.join();
}
