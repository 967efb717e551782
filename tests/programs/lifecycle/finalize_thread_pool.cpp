// A concurrent.futures pool that was not shut down ends by itself: its work is done, Python ends, and nothing is left.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>

#include "check.hpp"
#include "run_python.hpp"

namespace {

std::atomic<int> worked{0};

PyObject *work(PyObject *, PyObject *) {
    worked.fetch_add(1);
    Py_RETURN_NONE;
}

PyMethodDef work_method{"work", &work, METH_NOARGS, nullptr};

}  // namespace

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        PyObject *const function = PyCFunction_New(&work_method, nullptr);
        CHECK(PyDict_SetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "work",
                                   function) == 0);
        Py_DECREF(function);
        // The function registered first is called last, when the pool's threads have ended.
        run_python(
            "import threading, time\n"
            "threading._register_atexit(lambda: time.sleep(0.2))\n"
            "import concurrent.futures\n"
            "pool = concurrent.futures.ThreadPoolExecutor(4)\n"
            "results = [pool.submit(work) for i in range(100)]");
    }
    const holdfast::finalize_report report = python.finalize(std::chrono::seconds(15));
    CHECK(report && report.left_behind.empty());
    CHECK(worked.load() == 100);
}
