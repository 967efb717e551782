// Each function has a pair. A comment says which ones stay as they are, and why.
#include <Python.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

struct timer {
    ~timer() { std::free(memory); }
    void *memory = nullptr;
};
static std::mutex table;
static PyGILState_STATE shared_state;

void whole_body() {
    PyGILState_STATE state = PyGILState_Ensure();
    PyErr_Clear();
    PyGILState_Release(state);
}

int result_behind(const char *text) {
    const auto state = PyGILState_Ensure();
    const int status = PyRun_SimpleString(text);
    PyGILState_Release(state);
    return status;
}

int early_ends(PyObject *object, int kind) {
    PyGILState_STATE state;
    state = PyGILState_Ensure();
    if (object == nullptr) {
        PyGILState_Release(state);  // nothing to do
        return -1;
    }
    if (kind > 2) {
        PyGILState_Release(state);
        throw std::runtime_error("kind");
    }
    try {
        PyErr_Clear();
    } catch (...) {
        PyGILState_Release(state);
        throw;
    }
    PyGILState_Release(state);
    return 0;
}

void block_of_its_own(int number) {
    PyGILState_STATE state = PyGILState_Ensure();
    if (number > 1)
        PyErr_Clear();
    const char *text = R"(two
lines)";
    PyRun_SimpleString(text);
    PyGILState_Release(state);
    std::this_thread::sleep_for(std::chrono::milliseconds(number));
}

void one_after_the_other() {
    PyGILState_STATE state = PyGILState_Ensure();
    PyErr_Clear();
    PyGILState_Release(state);
    std::puts("between");
    state = PyGILState_Ensure();
    PyErr_Clear();
    PyGILState_Release(state);
    std::puts("behind");
}

void in_a_loop(int count) {
    for (int i = 0; i < count; ++i) {
        PyGILState_STATE state = PyGILState_Ensure();
        if (PyRun_SimpleString("pass") != 0)
            PyErr_Print();
        PyGILState_Release(state);
    }
}

PyObject *allow_threads(PyObject *, PyObject *) {
    long sum = 0;
    Py_BEGIN_ALLOW_THREADS
    for (long i = 0; i < 1000; ++i)
        sum += i;
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(sum);
}

PyObject *block_threads(PyObject *, PyObject *) {
    Py_BEGIN_ALLOW_THREADS
        if (std::getenv("HOME") == nullptr) {
            Py_BLOCK_THREADS
            return nullptr;
        }
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

PyObject *saved(PyObject *, PyObject *) {
    PyThreadState *const thread = PyEval_SaveThread();
    std::string text = "quick";
    text += "silver";
    PyEval_RestoreThread(thread);
    Py_RETURN_NONE;
}

PyObject *nested(PyObject *, PyObject *callback) {
    PyThreadState *thread = PyEval_SaveThread();
    {
        PyGILState_STATE state = PyGILState_Ensure();
        Py_XDECREF(PyObject_CallNoArgs(callback));
        PyGILState_Release(state);
    }
    PyEval_RestoreThread(thread);
    Py_RETURN_NONE;
}

static void worker() {
    PyGILState_STATE state = PyGILState_Ensure();
    PyErr_Clear();
    PyGILState_Release(state);
}

class owner {
public:
    explicit owner(PyObject *object) {
        const PyGILState_STATE state = PyGILState_Ensure();
        object_ = Py_NewRef(object);
        PyGILState_Release(state);
    }
    ~owner() {
        const PyGILState_STATE state = PyGILState_Ensure();
        Py_XDECREF(object_);
        PyGILState_Release(state);
    }

private:
    PyObject *object_;
};

extern "C" int c_callback(void *) noexcept {
    PyGILState_STATE state = PyGILState_Ensure();  // stays HF647
    const int status = PyRun_SimpleString("pass");
    PyGILState_Release(state);
    return status;
}

static void looping_worker() {
    for (int i = 0; i < 3; ++i) {
        PyGILState_STATE state = PyGILState_Ensure();  // stays HF647
        PyErr_Clear();
        PyGILState_Release(state);
    }
    std::puts("done");
}

void start() {
    std::thread first(worker);
    std::thread second(looping_worker);
    first.join();
    second.join();
}

int used_behind() {
    PyGILState_STATE state = PyGILState_Ensure();
    std::string text = "kept";
    PyErr_Clear();
    PyGILState_Release(state);
    return std::atoi(text.c_str());
}

void lock_of_the_block() {
    PyGILState_STATE state = PyGILState_Ensure();
    const std::lock_guard<std::mutex> hold(table);
    PyErr_Clear();
    PyGILState_Release(state);
    std::puts("under the mutex");
}

PyObject *object_of_the_block(PyObject *, PyObject *) {
    PyThreadState *thread = PyEval_SaveThread();
    timer counts;
    PyEval_RestoreThread(thread);
    return nullptr;
}

int work_behind_an_early_end(bool ready) {
    PyGILState_STATE state = PyGILState_Ensure();
    if (!ready) {
        PyGILState_Release(state);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return -1;
    }
    PyGILState_Release(state);
    return 0;
}

void jump_into(bool again) {
    PyGILState_STATE state;
    if (again)
        goto inside;
    again = true;
    state = PyGILState_Ensure();  // stays HF642
inside:
    PyErr_Clear();
    if (again)
        PyGILState_Release(state);
}

void among_cases(int kind) {
    PyGILState_STATE state;
    switch (kind) {
    case 0:
        state = PyGILState_Ensure();
        PyErr_Clear();
        PyGILState_Release(state);
        break;
    default:
        break;
    }
}

void back_into() {
    int count = 0;
    PyGILState_STATE state;
again:
    state = PyGILState_Ensure();
    PyErr_Clear();
    PyGILState_Release(state);
    if (++count < 3)
        goto again;
}

void shown_to_others() {
    PyGILState_STATE state = PyGILState_Ensure();  // stays HF643
    std::printf("%d\n", static_cast<int>(state));
    PyGILState_Release(state);
}

void kept_elsewhere() {
    shared_state = PyGILState_Ensure();  // stays HF643
    PyErr_Clear();
    PyGILState_Release(shared_state);
}

void in_a_branch(bool foreign) {
    PyGILState_STATE state = PyGILState_UNLOCKED;
    if (foreign)
        state = PyGILState_Ensure();
    if (foreign)
        PyGILState_Release(state);
}

PyGILState_STATE begin_elsewhere() { return PyGILState_Ensure(); }  // stays HF642
void end_elsewhere(PyGILState_STATE state) { PyGILState_Release(state); }  // stays HF642

int not_on_every_path(bool ready) {
    PyGILState_STATE state = PyGILState_Ensure();  // stays HF648
    if (!ready)
        return -1;
    PyGILState_Release(state);
    return 0;
}

#define ENTER PyGILState_STATE entered = PyGILState_Ensure()
void by_macro() {
    ENTER;
    PyErr_Clear();
    PyGILState_Release(entered);
}
