// If a native thread imports threading while finalize() waits for it, a pool that it leaves is waited for within the limit.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <string>
#include <thread>

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
    }
    event runs;
    // It does not pass the gate, and is waited for because it runs Python code.
    std::thread unregistered([&] {
        const PyGILState_STATE before = PyGILState_Ensure();
        runs.set();
        run_python(
            "import sys, time\n"
            "def finalize_waits():\n"
            "    for frame in sys._current_frames().values():\n"
            "        while frame is not None:\n"
            "            if frame.f_code.co_name == 'wait_for_threads':\n"
            "                return True\n"
            "            frame = frame.f_back\n"
            "while not finalize_waits():\n"
            "    time.sleep(0.001)\n"
            "import concurrent.futures\n"
            "pool = concurrent.futures.ThreadPoolExecutor(2, thread_name_prefix='late')\n"
            "result = pool.submit(block)");
        PyGILState_Release(before);
    });
    runs.wait();
    // Without a limit for them, this would wait for what it itself is to end.
    holdfast::finalize_report report = python.finalize(std::chrono::seconds(2));
    CHECK(!report);
    unregistered.join();
    bool is_named = false;
    for (const holdfast::attached_thread &thread : report.still_inside)
        is_named = is_named || thread.where.find("threading calls at exit") != std::string::npos;
    CHECK(is_named);
    go_on.set();
    report = python.finalize(std::chrono::seconds(15));
    CHECK(report && report.left_behind.empty());
}
