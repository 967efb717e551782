// current_view() is of the interpreter that the thread is in: a new thread is in none.
#include <holdfast/thread_state.hpp>

#include <thread>

PyObject *wrong(PyObject *, PyObject *) {
    std::thread([] {
        const holdfast::attach_guard attached(holdfast::current_view());  // expect: HF607 current_view\(\) is called by a thread that never attached
    }).detach();
    return nullptr;
}

PyObject *right(PyObject *, PyObject *) {
    std::thread([view = holdfast::current_view()] {
        const holdfast::attach_guard attached(view);
    }).detach();
    return nullptr;
}
