// What Python stores per thread is destroyed when the native thread ends, on it; its __del__ may attach and detach.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

namespace {

std::atomic<int> deleted{0};
holdfast::interpreter_view view;

PyObject *on_delete(PyObject *, PyObject *) {
    const holdfast::attach_guard nested(view);
    const holdfast::attach_guard by_default;
    {
        const holdfast::detach_guard detached;
        const holdfast::attach_guard again(view);
        const PyGILState_STATE before = PyGILState_Ensure();
        PyGILState_Release(before);
    }
    deleted.fetch_add(1);
    Py_RETURN_NONE;
}

PyMethodDef on_delete_method{"on_delete", &on_delete, METH_NOARGS, nullptr};

}  // namespace

int main() {
    holdfast::interpreter python;
    view = python;
    {
        const holdfast::attach_guard attached(view);
        PyObject *const function = PyCFunction_New(&on_delete_method, nullptr);
        CHECK(PyDict_SetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "on_delete",
                                   function) == 0);
        Py_DECREF(function);
        run_python(
            "import threading\n"
            "local = threading.local()\n"
            "class Mine:\n"
            "    def __init__(self): self.thread = threading.get_ident()\n"
            "    def __del__(self):\n"
            "        assert threading.get_ident() == self.thread\n"
            "        on_delete()");
    }
    for (int i = 0; i < 20; ++i)
        std::thread([&] {
            const holdfast::attach_guard attached(view);
            run_python("local.mine = Mine()");
        }).join();
    const holdfast::attach_guard attached(view);
    CHECK(deleted.load() == 20);
    CHECK(count_thread_states() == 1);
}
