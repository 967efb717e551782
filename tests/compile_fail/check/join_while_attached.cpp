// A thread that an attached one waits for may itself be waiting to attach.
#include <holdfast/attach/waits.hpp>

#include <thread>

PyObject *wrong(PyObject *, PyObject *) {
    std::thread worker([] { const holdfast::attach_guard attached; });
    worker.join();  // expect: HF613 join\(\) may block while the thread is attached
    return PyBool_FromLong(1);
}

PyObject *right(PyObject *, PyObject *) {
    std::thread worker([] { const holdfast::attach_guard attached; });
    holdfast::join(worker);
    return PyBool_FromLong(1);
}
