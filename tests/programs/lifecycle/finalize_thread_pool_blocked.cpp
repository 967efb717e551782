// A blocked worker of a thread pool is named when the limit passes; when it continues, finalize() can end.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <string>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

namespace {

event *go = nullptr;

PyObject *block(PyObject *, PyObject *) {
    {
        const holdfast::detach_guard detached;
        go->wait();
    }
    Py_RETURN_NONE;
}

PyMethodDef block_method{"block", &block, METH_NOARGS, nullptr};

}  // namespace

int main() {
    event go_on;
    go = &go_on;
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        PyObject *const function = PyCFunction_New(&block_method, nullptr);
        CHECK(PyDict_SetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "block",
                                   function) == 0);
        Py_DECREF(function);
        run_python(
            "import concurrent.futures, threading\n"
            "started = threading.Event()\n"
            "def stuck_in_the_pool():\n"
            "    started.set()\n"
            "    block()\n"
            "pool = concurrent.futures.ThreadPoolExecutor(2, thread_name_prefix='pool')\n"
            "pool.submit(stuck_in_the_pool)\n"
            "started.wait()");
    }
    const holdfast::finalize_report report = python.finalize(std::chrono::milliseconds(200));
    CHECK(!report);
    bool named = false;
    for (const holdfast::attached_thread &thread : report.still_inside)
        named = named || (thread.name.find("pool") == 0 &&
                          thread.python_stack.find("stuck_in_the_pool") != std::string::npos);
    CHECK(named);
    go_on.set();
    CHECK(python.finalize(std::chrono::seconds(15)));
}
