// Exceptions: of functions that are called while a pair is open, and into handlers.
#include <Python.h>

#include <functional>
#include <new>
#include <stdexcept>

// A library: it is not among the checked files.
struct engine {
    void step(int count);
    int size() noexcept;
};
extern "C" int c_step(int count);

static void raises(int failed) {
    if (failed)
        throw std::runtime_error("failed");
}
static void passes_on(int failed) { raises(failed); }
static void keeps_to_itself(int failed) {
    try {
        raises(failed);
    } catch (const std::exception &) {
    }
}
static void ends_the_process(int failed) noexcept { raises(failed); }

// The handler is entered where the call has thrown: detached.
static PyObject *handled_detached(PyObject *, PyObject *) {
    engine one;
    try {
        Py_BEGIN_ALLOW_THREADS
        one.step(1);
        Py_END_ALLOW_THREADS
    } catch (const std::exception &error) {
        PyErr_SetString(PyExc_ValueError, error.what());  // expect HF601
        return nullptr;                                   // expect HF603
    }
    Py_RETURN_NONE;
}

static PyObject *handled_attached(PyObject *, PyObject *) {
    engine one;
    PyThreadState *saved = PyEval_SaveThread();
    try {
        one.step(1);
    } catch (const std::exception &error) {
        PyEval_RestoreThread(saved);
        PyErr_SetString(PyExc_ValueError, error.what());
        return nullptr;
    }
    PyEval_RestoreThread(saved);
    Py_RETURN_NONE;
}

// Neither C nor noexcept throws, nor what catches its own: the handler is for the last call.
static PyObject *nothing_thrown_detached(PyObject *, PyObject *) {
    engine one;
    try {
        Py_BEGIN_ALLOW_THREADS
        c_step(one.size());
        keeps_to_itself(1);
        Py_END_ALLOW_THREADS
        one.step(1);
    } catch (const std::exception &error) {
        PyErr_SetString(PyExc_ValueError, error.what());
        return nullptr;
    }
    Py_RETURN_NONE;
}

static PyObject *caught_inside(PyObject *, PyObject *) {
    engine one;
    try {
        PyThreadState *saved = PyEval_SaveThread();
        try {
            one.step(1);
        } catch (...) {
            PyEval_RestoreThread(saved);
            throw;
        }
        PyEval_RestoreThread(saved);
    } catch (const std::exception &error) {
        PyErr_SetString(PyExc_ValueError, error.what());
        return nullptr;
    }
    Py_RETURN_NONE;
}

// What a called function throws leaves the pair open.
void called_throws(int failed) {
    PyGILState_STATE state = PyGILState_Ensure();
    passes_on(failed);  // expect HF603
    PyGILState_Release(state);
}

void called_does_not(int failed) {
    PyGILState_STATE state = PyGILState_Ensure();
    keeps_to_itself(failed);
    ends_the_process(failed);
    PyGILState_Release(state);
}

struct attached {
    attached() : state(PyGILState_Ensure()) {}
    ~attached() { PyGILState_Release(state); }
    PyGILState_STATE state;
};
void an_object_ends(int failed) {
    attached here;
    passes_on(failed);
}

static void run(const std::function<void()> &what) {
    PyGILState_STATE state = PyGILState_Ensure();
    what();  // expect HF603
    PyGILState_Release(state);
}
void runs_a_lambda(int failed) {
    run([failed] { raises(failed); });
}

// This one is undone before it is thrown.
static void give_up(const char *text, PyGILState_STATE state) {
    if (PyErr_Occurred()) {
        PyErr_Clear();
        PyGILState_Release(state);
        throw std::runtime_error(text);
    }
}
static void run_with(const std::function<void(PyGILState_STATE)> &what) {
    PyGILState_STATE state = PyGILState_Ensure();
    what(state);
    PyGILState_Release(state);
}
void runs_and_gives_up() {
    run_with([](PyGILState_STATE state) { give_up("failed", state); });
}

static PyMethodDef methods[] = {{"handled_detached", handled_detached, METH_NOARGS, nullptr},
                                {"handled_attached", handled_attached, METH_NOARGS, nullptr},
                                {"nothing_thrown", nothing_thrown_detached, METH_NOARGS, nullptr},
                                {"caught_inside", caught_inside, METH_NOARGS, nullptr},
                                {nullptr, nullptr, 0, nullptr}};
PyModuleDef throwing = {PyModuleDef_HEAD_INIT, "m", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

// A function that consists of a try block: its handlers are a part of it.
static void attaches_quietly(int failed) try {
    const PyGILState_STATE state = PyGILState_Ensure();
    PyErr_Clear();
    PyGILState_Release(state);
    if (failed)
        throw std::runtime_error("failed");
} catch (const std::exception &) {
}
PyObject *calls_quietly(PyObject *, PyObject *arg) {
    PyThreadState *const saved = PyEval_SaveThread();
    attaches_quietly(1);
    PyEval_RestoreThread(saved);
    return arg;
}
PyObject *handled_at_the_end(PyObject *, PyObject *) try {
    engine one;
    Py_BEGIN_ALLOW_THREADS
    one.step(1);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
} catch (const std::bad_alloc &) {
    return PyErr_NoMemory();  // expect HF601, HF603
} catch (const std::exception &error) {
    PyErr_SetString(PyExc_ValueError, error.what());  // expect HF601
    return nullptr;                                   // expect HF603
}
PyObject *tries(PyObject *, PyObject *arg) try {
    PyThreadState *const saved = PyEval_SaveThread();
    PyErr_Clear();  // expect HF601
    PyEval_RestoreThread(saved);
    return arg;
} catch (const std::exception &) {
    return nullptr;
}
// Of a constructor: its members are initialised in between, and its handlers throw again.
struct prepared {
    int size, left{3};
    explicit prepared(int given) try : size(given), left{size} {
        engine one;
        Py_BEGIN_ALLOW_THREADS
        one.step(size);
        Py_END_ALLOW_THREADS
    } catch (const std::exception &) {
        PyErr_Clear();  // expect HF601
    }                   // expect HF603
};
PyObject *prepares(PyObject *, PyObject *arg) {
    const prepared one(3);
    return one.left ? arg : nullptr;
}
// The block of a handler may come from a macro.
#define NOTHING \
    { return nullptr; }
PyObject *tries_once(PyObject *, PyObject *arg) try {
    PyThreadState *const saved = PyEval_SaveThread();
    PyErr_Clear();  // expect HF601
    PyEval_RestoreThread(saved);
    return arg;
} catch (const std::exception &) NOTHING
