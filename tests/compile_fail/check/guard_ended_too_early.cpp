// A guard attaches for its block, and no longer.
#include <holdfast/thread_state.hpp>

#include <thread>

static void wrong(const holdfast::interpreter_view &view) {
    {
        const holdfast::attach_guard attached(view);
        PyErr_Clear();
    }
    PyErr_Print();  // expect: HF60[17] PyErr_Print\(\) is called
}

static void right(const holdfast::interpreter_view &view) {
    const holdfast::attach_guard attached(view);
    PyErr_Clear();
    PyErr_Print();
}

void start(const holdfast::interpreter_view &view) {
    std::thread(wrong, view).detach();
    std::thread(right, view).detach();
}
