// Expected to hang: an attached thread joins a worker that still has to attach.
// raw-twin: hang
// python: gil
// deadline: 3
#include <holdfast/interpreter.hpp>
#include <holdfast/thread_state.hpp>

#include <thread>

int main() {
    holdfast::interpreter python;
    const holdfast::attach_guard attached(python.view());
    std::thread worker([] {
        const PyGILState_STATE state = PyGILState_Ensure();
        PyGILState_Release(state);
    });
    // holdfast: ignore[HF613] what comes of it is what this shows
    worker.join();
}
