// finalize() waits until non-daemon Python threads have ended, even those that they start themselves.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>

#include "check.hpp"
#include "run_python.hpp"

namespace {

std::atomic<int> ended{0};

PyObject *count_end(PyObject *, PyObject *) {
    ended.fetch_add(1);
    Py_RETURN_NONE;
}

PyMethodDef count_end_method{"count_end", &count_end, METH_NOARGS, nullptr};

}  // namespace

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        PyObject *const function = PyCFunction_New(&count_end_method, nullptr);
        CHECK(PyDict_SetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "count_end",
                                   function) == 0);
        Py_DECREF(function);
        run_python(
            "import threading, time\n"
            "def generation(left):\n"
            "    time.sleep(0.02)\n"
            "    if left:\n"
            "        threading.Thread(target=generation, args=(left - 1,)).start()\n"
            "    count_end()\n"
            "for i in range(3):\n"
            "    threading.Thread(target=generation, args=(4,)).start()");
    }
    const holdfast::finalize_report report = python.finalize(std::chrono::seconds(15));
    CHECK(report);
    CHECK(ended.load() == 15);
}
