// A thread that never detaches releases what others dropped, at nested attaches and at the end of a detach_guard.
#include <holdfast/attach/waits.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>
#include <holdfast/objects/object.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "check.hpp"
#include "thrown_text.hpp"

namespace hf = holdfast;

namespace {

void define_counted() {
    hf::exec(
        "dropped = 0\n"
        "class Counted:\n"
        "    def __init__(self, action=None): self.action = action\n"
        "    def __del__(self):\n"
        "        global dropped\n"
        "        dropped += 1\n"
        "        if self.action is not None: self.action()\n");
}

/// Read without an attach of holdfast's, which would do the work that is asked about. Attached.
long dropped() {
    PyObject *const value = PyObject_GetAttrString(PyImport_AddModule("__main__"), "dropped");
    const long count = PyLong_AsLong(value);
    Py_DECREF(value);
    return count;
}

PyThreadState *leave() { return PyEval_SaveThread(); }

/// A detached thread drops it, while the caller is detached by plain CPython, which drops nothing.
void drop_elsewhere(hf::object &made) {
    PyThreadState *const state = leave();
    std::thread([&] { made = {}; }).join();
    PyEval_RestoreThread(state);
}

hf::object make(const char *text = "Counted()") { return hf::eval<hf::object>(text); }

/// Each way that a thread inside can come by. All leave the thread attached, as it was.
struct way {
    const char *name;
    std::function<void(const hf::interpreter_view &)> come;
};

const way ways[] = {
    {"attach_guard()", [](const hf::interpreter_view &) { const hf::attach_guard nested; }},
    {"attach_guard(view)",
     [](const hf::interpreter_view &view) { const hf::attach_guard nested(view); }},
    {"attach_guard(view, nothrow)",
     [](const hf::interpreter_view &view) { const hf::attach_guard nested(view, std::nothrow); }},
    {"attach_guard(guard)",
     [](const hf::interpreter_view &view) {
         const hf::interpreter_guard guard(view);
         const hf::attach_guard nested(guard);
     }},
    {"detach_guard", [](const hf::interpreter_view &) { const hf::detach_guard detached; }},
    {"join",
     [](const hf::interpreter_view &) {
         std::thread other([] {});
         hf::join(other);
     }},
};

void every_way_drops(const hf::interpreter_view &view) {
    for (const way &one : ways) {
        hf::object made = make();
        const long before = dropped();
        drop_elsewhere(made);
        if (dropped() != before)
            check::fail(__FILE__, __LINE__, std::string("dropped before ") + one.name);
        one.come(view);
        if (dropped() != before + 1)
            check::fail(__FILE__, __LINE__, std::string("not dropped by ") + one.name);
    }
}

/// An exception that is set meanwhile is neither lost nor seen by the destructors.
void a_pending_exception_stays() {
    hf::object made = make();
    const long before = dropped();
    drop_elsewhere(made);
    PyErr_SetString(PyExc_KeyError, "mine");
    { const hf::detach_guard detached; }
    CHECK(PyErr_ExceptionMatches(PyExc_KeyError));
    PyErr_Clear();
    CHECK(dropped() == before + 1);
}

/// An interrupt is for the code that goes on here, and not for a destructor, which would swallow it.
void an_interrupt_is_not_swallowed() {
    hf::object made = make();
    const long before = dropped();
    drop_elsewhere(made);
    PyThreadState_SetAsyncExc(PyThread_get_thread_ident(), PyExc_KeyboardInterrupt);
    { const hf::detach_guard detached; }
    CHECK(dropped() == before);
    const std::string text =
        thrown_text<hf::python_error>([] { hf::exec("for i in range(1000): pass"); });
    CHECK(text.find("KeyboardInterrupt") != std::string::npos);
    CHECK(dropped() == before);
    { const hf::detach_guard detached; }
    CHECK(dropped() == before + 1);
}

hf::object next_of_chain;
int left_of_chain = 0;

/// Each destructor leaves the next object. As a recursion, twenty thousand of them would overflow the stack.
void a_long_chain_is_no_deep_stack() {
    constexpr int length = 20'000;
    const long before = dropped();
    left_of_chain = length;
    std::function<void()> on_drop = [] {
        if (--left_of_chain <= 0)
            return;
        hf::object next = std::move(next_of_chain);
        next_of_chain = make("Counted(action)");
        PyThreadState *const state = leave();
        next = {};
        PyEval_RestoreThread(state);
        const hf::detach_guard detached;
    };
    static PyMethodDef method = {
        "action",
        [](PyObject *self, PyObject *) -> PyObject * {
            (*static_cast<std::function<void()> *>(PyCapsule_GetPointer(self, nullptr)))();
            Py_RETURN_NONE;
        },
        METH_NOARGS, nullptr};
    PyObject *const capsule = PyCapsule_New(&on_drop, nullptr, nullptr);
    PyObject *const action = PyCFunction_New(&method, capsule);
    Py_DECREF(capsule);
    PyObject_SetAttrString(PyImport_AddModule("__main__"), "action", action);
    Py_DECREF(action);
    next_of_chain = make("Counted(action)");
    hf::object first = make("Counted(action)");
    drop_elsewhere(first);
    { const hf::detach_guard detached; }
    CHECK(left_of_chain <= 0);
    CHECK(dropped() - before >= length - 1);
    next_of_chain = {};
    hf::exec("del action");
}

/// A wait comes back with its lock: what runs then must not be a destructor that takes the same lock.
void waits_that_return_with_a_lock_do_not_drop() {
    hf::object made = make();
    const long before = dropped();
    std::mutex plain;
    hf::mutex ours;
    std::condition_variable_any changed;
    bool ready = false;
    std::thread other;
    {
        std::unique_lock<std::mutex> hold(plain);
        other = std::thread([&] {
            made = {};
            const std::lock_guard<std::mutex> both(plain);
            ready = true;
            changed.notify_all();
        });
        hf::wait(changed, hold, [&] { return ready; });
        CHECK(dropped() == before);
    }
    hf::join(other);
    CHECK(dropped() == before + 1);

    made = make();
    ours.lock();
    std::atomic<bool> begun{false};
    other = std::thread([&] {
        const hf::attach_guard attached;
        begun.store(true);
        ours.lock();  // waits, detached
        CHECK(dropped() == before + 1);
        ours.unlock();
        const hf::attach_guard nested;
#if !defined(Py_GIL_DISABLED)
        CHECK(dropped() == before + 2);
#endif
    });
    PyThreadState *const state = leave();
    while (!begun.load())
        std::this_thread::yield();
    made = {};
    ours.unlock();
    other.join();
    PyEval_RestoreThread(state);
    hf::exec("pass");  // without a GIL, an object dies on the thread that made it
    CHECK(dropped() == before + 2);
}

}  // namespace

int main() {
    hf::interpreter python;
    {
        const hf::attach_guard for_life(python);
        define_counted();
        every_way_drops(python);
        a_pending_exception_stays();
        an_interrupt_is_not_swallowed();
        a_long_chain_is_no_deep_stack();
        waits_that_return_with_a_lock_do_not_drop();
    }
    {
        // Attached by plain CPython: no guard of ours knows of it.
        const PyGILState_STATE held = PyGILState_Ensure();
        hf::object made = make();
        const long before = dropped();
        drop_elsewhere(made);
        { const hf::detach_guard detached; }
        CHECK(dropped() == before + 1);
        PyGILState_Release(held);
    }
    {
        hf::subinterpreter other(python);
        const hf::attach_guard inside(other.view());
        define_counted();
        every_way_drops(other.view());
    }
    CHECK(python.finalize(std::chrono::seconds(5)));
}
