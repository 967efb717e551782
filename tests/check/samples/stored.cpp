// Lambdas that a std::function keeps run where it is called.
#include <Python.h>

#include <functional>
#include <thread>
#include <utility>

class engine {
public:
    std::function<void()> clears;
    std::function<void()> attaches;
    std::function<void()> either;
    std::function<void()> given;

    void when_done(std::function<void()> call) { given = std::move(call); }

    void run() {
        std::thread([this] {
            clears();  // expect HF607
            attaches();
            either();
            given();
        }).join();
    }
};

void set_up(engine &one) {
    one.clears = [] { PyErr_Clear(); };
    one.attaches = [] {
        PyGILState_STATE state = PyGILState_Ensure();
        PyErr_Clear();
        PyGILState_Release(state);
    };
    one.either = [] {};
}

void set_up_again(engine &one) {
    one.either = [] { PyErr_Clear(); };
}

PyObject *in_a_variable(PyObject *, PyObject *) {
    const std::function<void()> stored = [] { PyErr_Clear(); };
    const std::function<void()> idle = [] {};
    stored();
    PyThreadState *saved = PyEval_SaveThread();
    idle();
    stored();  // expect HF601
    PyEval_RestoreThread(saved);
    stored();
    Py_RETURN_NONE;
}

struct waiting {
    PyThreadState *saved = nullptr;
};

int in_a_heap_object(int has_failed) {
    waiting *one = new waiting;
    PyErr_Clear();  // expect HF602
    one->saved = PyEval_SaveThread();
    if (has_failed)
        return 1;  // expect HF603
    PyEval_RestoreThread(one->saved);
    delete one;
    return 0;
}
