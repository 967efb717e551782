// Guards whose scope is not that of the block around them: of a macro, of a try, or of a test.
#include <Python.h>

#include <exception>
#include <string>
#include <thread>
#include <unistd.h>

class detached {
public:
    detached() : saved(PyEval_SaveThread()) {}
    ~detached() { PyEval_RestoreThread(saved); }

private:
    PyThreadState *saved;
};

#define WAIT_DETACHED(CALL, ARGUMENTS) \
    {                                  \
        int result;                    \
        {                              \
            detached guard;            \
            result = CALL ARGUMENTS;   \
        }                              \
        if (result != 0)               \
            PyErr_Clear();             \
    }
#define AND_CLEAR(CALL, ARGUMENTS)       \
    {                                    \
        WAIT_DETACHED(CALL, ARGUMENTS);  \
        PyErr_Clear();                   \
    }
#define STAY_DETACHED detached guard

PyObject *waits_in_a_macro(PyObject *, PyObject *) {
    WAIT_DETACHED(usleep, (1000));
    PyErr_Clear();
    usleep(1000);  // expect HF613
    AND_CLEAR(usleep, (1000));
    STAY_DETACHED;
    usleep(1000);
    PyErr_Clear();  // expect HF601
    return nullptr;
}

class attached {
public:
    attached() { state = PyGILState_Ensure(); }
    ~attached() { PyGILState_Release(state); }

private:
    PyGILState_STATE state;
};

// It keeps a Python object, so its methods may be called attached; but this one attaches.
class listener {
public:
    void on_event(const std::string &text) {
        try {
            attached guard;
            Py_XDECREF(PyObject_CallFunction(callable, "s", text.c_str()));
        } catch (const std::exception &) {
            PyErr_Print();  // expect HF601
        }
    }
    void on_end() {
        attached guard;
        try {
            Py_XDECREF(PyObject_CallNoArgs(callable));
        } catch (const std::exception &) {
            PyErr_Print();
        }
    }

private:
    PyObject *callable;
};

// A guard that attaches if it is given something: what comes before it runs detached.
class plugin {
public:
    void attach() {
        if (state != nullptr)
            PyEval_RestoreThread(state);
    }
    void detach() {
        if (state != nullptr)
            PyEval_SaveThread();
    }
    void stop();

private:
    PyThreadState *state;
    std::thread worker;
};

class access_guard {
public:
    explicit access_guard(plugin *given) : held(given) {
        if (held != nullptr)
            held->attach();
    }
    ~access_guard() {
        if (held != nullptr) {
            PyErr_Clear();
            held->detach();
        }
    }

private:
    plugin *held;
};

void plugin::stop() {
    worker.join();
    access_guard guard(this);
    PyErr_Clear();
}

// Several objects in one declaration: each is made, and ends.
PyObject *waits_twice(PyObject *, PyObject *) {
    {
        detached one, other;  // expect HF604
        usleep(1000);
    }
    Py_RETURN_NONE;
}
PyObject *waits_by_name(PyObject *, PyObject *) {
    {
        detached one, *same = &one, &again = one;
        usleep(same == &again ? 1000 : 0);
    }
    Py_RETURN_NONE;
}
