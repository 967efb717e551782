// A new thread is detached until it attaches.
#include <holdfast/thread_state.hpp>

#include <thread>

void wrong() {
    std::thread([] {
        PyErr_Clear();  // expect: HF607 PyErr_Clear\(\) is called by a thread that never attached
    }).detach();
}

void right(const holdfast::interpreter_view &view) {
    std::thread([view] {
        const holdfast::attach_guard attached(view);
        PyErr_Clear();
    }).detach();
}
