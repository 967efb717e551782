// A host: its life, what blocks, what is gone, what runs outside of main.
#include <Python.h>

#include <chrono>
#include <future>
#include <mutex>
#include <poll.h>
#include <thread>

using namespace std::chrono_literals;

struct holder {
    PyObject *object = nullptr;
    ~holder() { Py_XDECREF(object); }
};
static holder global;  // expect HF615
struct shared {
    static holder one;  // no object: it is defined below
};
holder shared::one;  // expect HF615
static PyObject *early = PyList_New(0);  // expect HF615
static std::mutex table;

static void wait_for(std::thread &thread) { thread.join(); }

PyObject *blocks(PyObject *, PyObject *) {
    std::this_thread::sleep_for(std::chrono::seconds(1));  // expect HF613
    std::lock_guard<std::mutex> lock(table);  // expect HF614
    std::thread other([] {});
    PyErr_Clear();
    wait_for(other);  // expect HF613
    Py_BEGIN_ALLOW_THREADS
    std::this_thread::sleep_for(std::chrono::seconds(1));
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}
PyMethodDef methods[] = {{"blocks", blocks, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};

void with_subinterpreter() {
    PyGILState_STATE state = PyGILState_Ensure();  // expect HF612
    PyThreadState *const main_state = PyThreadState_Get();
    PyThreadState *const sub = Py_NewInterpreter();
    Py_EndInterpreter(sub);  // expect HF618
    PyThreadState_Swap(main_state);
    PyGILState_Release(state);
}

int main() {
    PyRun_SimpleString("pass");  // expect HF601
    Py_Initialize();
    PyEval_InitThreads();  // expect HF611
    PyEval_ReleaseLock();  // expect HF610
    PyRun_SimpleString("pass");  // expect HF601
    PyEval_AcquireLock();  // expect HF610
    Py_FinalizeEx();
    PyRun_SimpleString("pass");  // expect HF606
}

void swapped_out() {
    PyThreadState *const before = PyThreadState_Swap(nullptr);
    PyThreadState *const sub = Py_NewInterpreter();
    if (sub == nullptr) {
        PyThreadState_Swap(before);
        PyErr_Clear();
        return;
    }
    Py_EndInterpreter(sub);
    PyThreadState_Swap(before);
    PyErr_Clear();
}

static void back_to(PyThreadState *given) { PyThreadState_Swap(given); }
void swapped_by_helper() {
    PyThreadState *const before = PyThreadState_Get();  // expect HF602
    PyThreadState *const sub = Py_NewInterpreter();
    if (sub == nullptr) {
        PyThreadState_Swap(before);
        return;
    }
    Py_EndInterpreter(sub);
    PyErr_Clear();  // expect HF601
    back_to(before);
    PyErr_Clear();
    back_to(before);
}

void ends_python(bool last) {
    PyGILState_STATE state = PyGILState_Ensure();  // expect HF612
    if (last) {
        swapped_out();
        Py_Finalize();
        return;
    }
    PyGILState_Release(state);
}

// A comment that answers for a call answers for those who call its function, too.
static void waits_for_a_moment() {
    // holdfast: ignore[HF613] a millisecond, and only on an old kernel
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}
static void waits_for_long() { std::this_thread::sleep_for(std::chrono::seconds(1)); }
PyObject *waits_twice(PyObject *, PyObject *) {
    PyErr_Clear();
    waits_for_a_moment();
    waits_for_long();  // expect HF613
    Py_RETURN_NONE;
}

// A timeout of 0 only asks.
static bool has_input(int handle, int timeout) {
    pollfd one = {handle, POLLIN, 0};
    return poll(&one, 1, timeout) > 0;
}
static bool is_done(std::future<int> &result, std::chrono::milliseconds wait_for) {
    return result.wait_for(wait_for) == std::future_status::ready;
}
PyObject *asks(PyObject *, PyObject *) {
    pollfd one = {0, POLLIN, 0};
    std::future<int> result;
    std::this_thread::sleep_for(std::chrono::seconds(0));
    bool known = poll(&one, 1, 0) > 0 || has_input(0, 0) || is_done(result, std::chrono::milliseconds(0));
    known = result.wait_for(0s) == std::future_status::ready || known;
    known = has_input(0, 10) || known;  // expect HF613
    known = is_done(result, 20ms) || known;  // expect HF613
    return PyBool_FromLong(known);
}

// Calls of a library that say that they wait: by a timeout, or by their name.
struct queue {
    int get(std::chrono::milliseconds limit);
    int get(int timeout_ms);
    void set_timeout(int timeout);
    void wait();
    int join(int other);
};
struct event_loop {
    void run();
};
extern "C" int lib_handle_events(unsigned msec_timeout);
extern "C" int lib_set_timeout(unsigned timeout);
extern "C" int lib_child_wait();
struct worker {
    virtual ~worker();
    virtual void finish() = 0;
};
struct joining_worker : worker {
    std::thread thread;
    void finish() override { thread.join(); }
};
static int soon(queue &one, int timeout) {
    return one.get(timeout);
}
PyObject *calls_library(PyObject *, PyObject *argument) {
    queue one;
    event_loop loop;
    long done = one.get(50ms);  // expect HF613
    done += one.get(20);  // expect HF613
    done += one.get(0ms) + one.get(0) + one.join(1);
    one.wait();  // expect HF613
    one.set_timeout(10);
    loop.run();  // expect HF613
    done += lib_handle_events(10);  // expect HF613
    done += lib_set_timeout(10) + lib_handle_events(0);
    done += lib_child_wait();  // expect HF613
    done += soon(one, 10);  // expect HF613
    Py_INCREF(argument);
    return PyLong_FromLong(done);
}
PyObject *finishes(PyObject *, PyObject *argument) {
    worker *one = reinterpret_cast<worker *>(PyCapsule_GetPointer(argument, nullptr));
    one->finish();  // expect HF613
    Py_BEGIN_ALLOW_THREADS
    one->finish();
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}
PyMethodDef library[] = {
    {"calls_library", calls_library, METH_O, nullptr},
    {"finishes", finishes, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
PyMethodDef asking[] = {{"asks", asks, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};

// What is saved only if the thread has it, as the comment says, asks nothing of the caller.
extern PyThreadState *state_of_this_thread();
static PyThreadState *saves_if_attached() {
    PyThreadState *saved = nullptr;
    if (state_of_this_thread() != nullptr)
        saved = PyEval_SaveThread();  // holdfast: ignore[HF604] it has a state
    return saved;
}
void is_detached_by_then() {
    PyGILState_STATE state = PyGILState_Ensure();  // expect HF612
    PyGILState_Release(state);
    saves_if_attached();
}
