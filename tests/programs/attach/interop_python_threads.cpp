// In threads that Python started, our guards use Python's own state, and Python ends those threads as usual.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

namespace {

PyObject *nest(PyObject *, PyObject *) {
    PyThreadState *const theirs = PyThreadState_Get();
    {
        const holdfast::attach_guard by_default;
        const holdfast::attach_guard by_view(holdfast::current_view());
        CHECK(PyThreadState_Get() == theirs);
        {
            const holdfast::detach_guard detached;
            std::this_thread::yield();
            const holdfast::attach_guard again(holdfast::main_view());
            CHECK(PyThreadState_Get() == theirs);
        }
        CHECK(PyThreadState_Get() == theirs);
    }
    {
        const holdfast::detach_guard detached;
        const holdfast::attach_guard back(
            holdfast::main_view());  // without a guard of ours around it
        CHECK(PyThreadState_Get() == theirs);
        const holdfast::interpreter_guard guard(holdfast::current_view());
    }
    CHECK(PyThreadState_Get() == theirs);
    Py_RETURN_NONE;
}

PyMethodDef nest_method{"nest", &nest, METH_NOARGS, nullptr};

}  // namespace

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        PyObject *const function = PyCFunction_New(&nest_method, nullptr);
        CHECK(PyDict_SetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "nest",
                                   function) == 0);
        Py_DECREF(function);
        run_python(
            "import threading\n"
            "def work():\n"
            "    for i in range(50): nest()\n"
            "threads = [threading.Thread(target=work) for i in range(8)]\n"
            "for t in threads: t.start()\n"
            "for t in threads: t.join()\n"
            "nest()");
        CHECK(number_of_python("len(threading.enumerate())") == 1);
        CHECK(count_thread_states() == 1);
    }
    CHECK(python.finalize(std::chrono::seconds(5)));
}
