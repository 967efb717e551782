// The system of the article: a class for the pair, and an order for the main thread.
//
// What the article wrote for Python 2.4 is the code; what CPython has removed since is in the
// comments, with what takes its place.
#include <holdfast/PyThreadStateLock.h>

#include <atomic>
#include <cstdio>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int children_count = 4;
constexpr int calls_per_child = 25;
std::atomic<int> calls_made{0};

// A call into Python by any thread: the lock object, then plain C API. Python's memory, reference
// counts and exceptions belong to this thread until the closing brace.
long call_python(const char *function, long argument) {
    PyThreadStateLock lock;
    PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *const result =
        PyObject_CallFunction(PyDict_GetItemString(names, function), "l", argument);
    if (result == nullptr) {
        PyErr_Clear();
        throw std::runtime_error(function);  // the lock is released on the way out
    }
    const long value = PyLong_AsLong(result);
    Py_DECREF(result);
    calls_made.fetch_add(1);
    return value;
}

// Objects of the class nest: a function that needs Python takes the lock without asking who has it.
long call_twice(long argument) {
    PyThreadStateLock lock;
    return call_python("add_one", call_python("add_one", argument));
}

void child(long number) {
    for (int i = 0; i < calls_per_child; ++i)
        if (call_twice(number) != number + 2)
            std::abort();
    try {
        call_python("fail", number);
    } catch (const std::runtime_error &) {
        call_python("add_one", number);  // an exception left the lock free
    }
}

void define_functions() {
    PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
    Py_XDECREF(
        PyRun_String("def add_one(n): return n + 1\n"
                     "def fail(n): raise ValueError(n)\n",
                     Py_file_input, names, names));
}

}  // namespace

int main() {
    // 1. Initialise Python. As then.
    Py_Initialize();

    // 2. Initialise thread support.
    //    Then:  PyEval_InitThreads();
    //    Today: nothing. Py_Initialize() has done it since 3.7; the call has had no effect since
    //           3.9.
    define_functions();  // the main thread has held the lock since step 1

    // 3. Release the lock, before any child thread starts; else no child ever gets it.
    //    Then:  PyThreadState *state = PyThreadState_Get();
    //           PyThreadState_Swap(NULL);    and    PyEval_ReleaseLock();
    //    Today: one call, which detaches the thread state, releases the lock and returns the state.
    //           PyEval_ReleaseLock() is gone since 3.13. PyThreadState_Swap(NULL) is still there,
    //           but whether it releases the lock depends on the version: it does from 3.12 on.
    PyThreadState *const main_state = PyEval_SaveThread();

    // 4. Start the child threads, and do other work, in Python as well.
    std::vector<std::thread> children;
    for (long number = 0; number < children_count; ++number)
        children.emplace_back(child, number);
    std::printf("main thread, meanwhile: %ld\n", call_twice(40));

    std::promise<void> python_ended;  // one more, which will come too late
    std::thread latecomer([ended = python_ended.get_future()] {
        ended.wait();
        try {
            call_python("add_one", 1);
        } catch (const holdfast::closed_error &refused) {
            std::printf("latecomer: %s\n", refused.what());
        }
    });

    // 5. Make sure that all calls of the child threads are complete. As then: by joining them. (A
    //    child that is still inside would be waited for in step 7, for five seconds; then it would
    //    be named.)
    for (std::thread &one : children)
        one.join();
    std::printf("calls made: %d\n", calls_made.load());

    // 6. Take the lock.
    //    Then:  PyEval_AcquireLock();    and    PyThreadState_Swap(state);
    //    Today: one call; PyEval_AcquireLock() is gone since 3.13.
    PyEval_RestoreThread(main_state);

    // 7. Finalize. Then: Py_Finalize(). Today the same, or Py_FinalizeEx(), which says how it went.
    const int status = Py_FinalizeEx();
    std::printf("finalized: %d\n", status);

    // 8. After that, no Python call. With PyGILState_Ensure() a late one crashes up to 3.14 and
    //    hangs on 3.15; the class refuses it.
    python_ended.set_value();
    latecomer.join();
    return status;
}
