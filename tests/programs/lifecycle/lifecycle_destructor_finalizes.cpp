// The destructor finalizes: atexit handlers run, it waits for workers inside, and late ones are refused.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <new>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

namespace {

std::atomic<int> exits{0};

PyObject *count_exit(PyObject *, PyObject *) {
    exits.fetch_add(1);
    Py_RETURN_NONE;
}

PyMethodDef count_exit_method{"count_exit", &count_exit, METH_NOARGS, nullptr};

}  // namespace

int main() {
    std::atomic<bool> worker_done{false};
    std::thread worker;
    holdfast::interpreter_view view;
    {
        holdfast::interpreter python;
        view = python;
        event inside;
        worker = std::thread([&worker_done, &inside, view] {
            const holdfast::attach_guard attached(view);
            {
                const holdfast::detach_guard detached;
                inside.set();
                while (view.alive())
                    std::this_thread::yield();
            }
            run_python("last = 'words'");
            worker_done.store(true);
        });
        inside.wait();
        {
            const holdfast::attach_guard attached(view);
            PyObject *const function = PyCFunction_New(&count_exit_method, nullptr);
            PyObject *const atexit = PyImport_ImportModule("atexit");
            PyObject *const done = PyObject_CallMethod(atexit, "register", "O", function);
            CHECK(done != nullptr);
            Py_DECREF(done);
            Py_DECREF(atexit);
            Py_DECREF(function);
        }
    }
    CHECK(worker_done.load());
    CHECK(exits.load() == 1);
    CHECK(Py_IsInitialized() == 0);
    CHECK(holdfast::attach_guard(view, std::nothrow).reason() ==
          holdfast::closed_reason::finalized);
    worker.join();
}
