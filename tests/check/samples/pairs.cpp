// Pairs and calls within functions. A line that a finding belongs to says so in a comment.
#include <Python.h>

#include <stdexcept>

#define GIVE_UP(condition) \
    do {                   \
        if (condition)     \
            return -1;     \
    } while (0)

int early_return(bool ready) {
    PyGILState_STATE state = PyGILState_Ensure();
    if (!ready)
        return -1;  // expect HF603
    PyRun_SimpleString("pass");
    PyGILState_Release(state);
    return 0;
}

int hidden_return(bool ready) {
    PyGILState_STATE state = PyGILState_Ensure();
    GIVE_UP(!ready);  // expect HF603
    PyGILState_Release(state);
    return 0;
}

int all_paths(int kind) {
    int result = 0;
    PyGILState_STATE state = PyGILState_Ensure();
    switch (kind) {
    case 0:
        result = PyRun_SimpleString("pass");
        break;
    case 1:
        goto done;
    default:
        for (int i = 0; i < kind; ++i) {
            if (i == 3)
                continue;
            if (PyRun_SimpleString("pass") != 0)
                break;
        }
    }
done:
    PyGILState_Release(state);
    return result;
}

void thrown(bool ready) {
    PyGILState_STATE state = PyGILState_Ensure();
    if (!ready)
        throw std::runtime_error("not ready");  // expect HF603
    PyGILState_Release(state);
}

void caught(bool ready) {
    PyGILState_STATE state = PyGILState_Ensure();
    try {
        if (!ready)
            throw std::runtime_error("not ready");
        PyRun_SimpleString("pass");
    } catch (const std::exception &) {
        PyErr_Clear();
    }
    PyGILState_Release(state);
}

void where_it_is_needed(bool foreign) {
    PyGILState_STATE state = PyGILState_UNLOCKED;
    if (foreign)
        state = PyGILState_Ensure();
    PyErr_Clear();  // expect HF602
    if (foreign)
        PyGILState_Release(state);
}

void asks_first() {
    const bool mine = PyGILState_Check() == 0;
    if (!PyGILState_Check()) {
        const PyGILState_STATE state = PyGILState_Ensure();
        PyErr_Clear();
        PyGILState_Release(state);
    } else {
        PyErr_Clear();
    }
    (void)mine;
}

void after_release() {
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *list = PyList_New(0);
    PyGILState_Release(state);
    Py_XDECREF(list);  // expect HF601
}

PyObject *detached_part(PyObject *, PyObject *argument) {
    long sum = 0;
    Py_BEGIN_ALLOW_THREADS
    sum = 1;
    if (sum > 2) {
        Py_BLOCK_THREADS
        PyErr_Clear();
        Py_UNBLOCK_THREADS
    }
    sum += PyLong_AsLong(argument);  // expect HF601
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(sum);
}

PyObject *leaves_detached(PyObject *, PyObject *argument) {
    PyThreadState *const saved = PyEval_SaveThread();
    if (argument == nullptr)
        return nullptr;  // expect HF603
    PyEval_RestoreThread(saved);
    Py_RETURN_NONE;
}

void twice(PyThreadState *state) {
    PyEval_RestoreThread(state);
    PyEval_RestoreThread(state);  // expect HF605
    PyEval_SaveThread();
    PyEval_SaveThread();  // expect HF604
}

#if PY_VERSION_HEX >= 0x03000000
PyObject *by_version(PyObject *, PyObject *) {
#else
PyObject *by_version(PyObject *, PyObject *, int) {
#endif
    Py_BEGIN_ALLOW_THREADS
#if PY_VERSION_HEX < 0x03000000
    PyErr_Clear(); {
#else
    {
#endif
    }
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

#define DETACHED(result, call) \
    Py_BEGIN_ALLOW_THREADS     \
    result = (call);           \
    Py_END_ALLOW_THREADS

static int slow(int number) { return number + 1; }
PyObject *by_a_macro(PyObject *, PyObject *argument) {
    int result;
    DETACHED(result, slow(2));
    if (result > 3)
        PyErr_Clear();
    DETACHED(result, PyList_Check(argument) + (int)PyList_Size(argument));  // expect HF601
    return PyLong_FromLong(result);
}

void refused() {
#if PY_VERSION_HEX >= 0x030F0000
    PyInterpreterView *view = PyInterpreterView_FromMain();
    PyThreadStateToken *token = PyThreadState_EnsureFromView(view);
    PyInterpreterView_Close(view);
    if (token == nullptr)
        return;
    PyErr_Clear();
    PyThreadState_Release(token);
#endif
}

extern int fetch(bool);
PyObject *tested_twice(PyObject *, PyObject *argument) {
    PyThreadState *thread = nullptr;
    bool wait = false;
    if (argument != nullptr)
        wait = PyObject_IsTrue(argument) == 1;
    if (wait) {
        thread = PyEval_SaveThread();
    } else {
        Py_INCREF(argument);
    }
    const int result = fetch(wait);
    if (wait)
        PyEval_RestoreThread(thread);
    return PyLong_FromLong(result);
}

static bool interrupted(PyThreadState **thread) {
    PyEval_RestoreThread(*thread);
    if (PyErr_CheckSignals() != 0)
        return true;
    *thread = PyEval_SaveThread();
    return false;
}
PyObject *waits_in_pieces(PyObject *, PyObject *) {
    PyThreadState *thread = PyEval_SaveThread();
    while (fetch(true) > 0)
        if (interrupted(&thread))
            return nullptr;
    PyEval_RestoreThread(thread);
    Py_RETURN_NONE;
}

void PyOwn_Clear() { PyErr_Clear(); }
PyObject *own_name(PyObject *, PyObject *bytes) {
    PyOwn_Clear();
    Py_BEGIN_ALLOW_THREADS
    fetch(PyBytes_AS_STRING(bytes)[0] == 'a');
    PyOwn_Clear();  // expect HF601
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

PyThreadState *cached_state;
void leaves_it_to_others() {
#define _save cached_state
    PyErr_Clear();  // expect HF602
    Py_UNBLOCK_THREADS
#undef _save
}

PyObject *detaches_where_asked(PyObject *, PyObject *argument) {
    PyThreadState *saved = nullptr;
    if (PyTuple_Size(argument) > 2)
        saved = PyEval_SaveThread();
    if (saved != nullptr)
        PyEval_RestoreThread(saved);
    return PyLong_FromLong(1);
}

PyObject *chooses(PyObject *, PyObject *argument) {
    const bool large = PyTuple_Size(argument) > 2;
    PyThreadState *const saved = large ? PyEval_SaveThread() : nullptr;
    large ? PyEval_RestoreThread(saved) : PyErr_Clear();
    return PyLong_FromLong(1);
}

PyObject *chooses_wrong(PyObject *, PyObject *argument) {
    const bool large = PyTuple_Size(argument) > 2;
    PyThreadState *const saved = large ? PyEval_SaveThread() : nullptr;
    large ? PyErr_Clear() : PyEval_RestoreThread(saved);  // expect HF601 HF605
    return PyLong_FromLong(1);                            // expect HF601
}

PyObject *gives_up_in_a_lambda(PyObject *, PyObject *argument) {
    PyThreadState *const saved = PyTuple_Size(argument) > 2 ? PyEval_SaveThread() : nullptr;
    const auto come_back = [&] {
        if (saved != nullptr)
            PyEval_RestoreThread(saved);
    };
    come_back();
    return PyLong_FromLong(1);
}

void changes_places(PyThreadState *other, bool stay) {
    PyEval_SaveThread();  // expect HF602
    if (stay)
        return;
    PyEval_RestoreThread(other);
}

#if defined(__GNUC__)
PyThreadState *saves_slowly() {
    fetch(true);
    return PyEval_SaveThread();
}

// What the compiler brings with it is declared where it is first used, and calls nothing.
PyThreadState *saves(bool slow) {
    if (__builtin_expect_with_probability(slow, 0, 0.9) != 0)
        return saves_slowly();
    return PyEval_SaveThread();
}

PyObject *saves_for_another(PyObject *argument, PyThreadState *earlier) {
    PyErr_Clear();
    saves(argument == nullptr);  // the state stays saved
    if (earlier != nullptr)
        PyEval_RestoreThread(earlier);
    return nullptr;
}

PyObject *saves_and_leaves(PyObject *, PyObject *argument) {
    PyThreadState *const saved = saves(argument == nullptr);
    if (fetch(true) > 0)
        return nullptr;  // expect HF603
    PyEval_RestoreThread(saved);
    Py_RETURN_NONE;
}
#endif

// Detaches if the thread is attached, and leaves it as it came.
class detached_if_attached {
public:
    detached_if_attached() : saved(PyGILState_Check() ? PyEval_SaveThread() : nullptr) {}
    ~detached_if_attached() {
        if (saved != nullptr)
            PyEval_RestoreThread(saved);
    }

private:
    PyThreadState *const saved;
};

void on_any_thread() {
    const detached_if_attached aside;
    fetch(true);
}
int holds_for_any_thread() {
    Py_Initialize();
    on_any_thread();
    PyErr_Clear();
    PyEval_SaveThread();
    on_any_thread();
    return 0;
}
PyObject *works_in_between(PyObject *, PyObject *) {
    const detached_if_attached aside;
    PyErr_Clear();  // expect HF601
    return nullptr;
}
