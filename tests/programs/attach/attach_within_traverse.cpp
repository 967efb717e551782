// In a tp_traverse function with a traverse_scope every attach is refused, nested or not; later it works again.
#include <holdfast/attach/gc_traverse.hpp>
#include <holdfast/holdfast.hpp>

#include <new>
#include <string>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

namespace {

int visits = 0;
int refusals = 0;
const holdfast::object *held_elsewhere = nullptr;

/// An object that holds one other.
struct keeper {
    PyObject ob_base;
    PyObject *kept;
};

std::string code(void (*action)()) { return thrown_code<holdfast::closed_error>(action); }

void try_everything() {
    ++visits;
    CHECK(code([] { holdfast::attach_guard attached; }) == "HF255");
    CHECK(code([] { holdfast::attach_guard attached(holdfast::main_view()); }) == "HF255");
    CHECK(code([] { holdfast::exec("x = 1"); }) == "HF255");
    const holdfast::attach_guard tested(holdfast::main_view(), std::nothrow);
    CHECK(!tested && tested.reason() == holdfast::closed_reason::traversing);
    if (held_elsewhere != nullptr)
        CHECK(held_elsewhere->get() != nullptr);  // looking at an object is no attach
    {
        const holdfast::traverse_scope inner;
        CHECK(code([] { holdfast::attach_guard attached; }) == "HF255");
    }
    CHECK(code([] { holdfast::attach_guard attached; }) == "HF255");
}

int traverse(PyObject *object, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(reinterpret_cast<keeper *>(object)->kept);
    try_everything();
    ++refusals;
    const holdfast::attach_guard attached;  // not caught here: the slot takes it
    return 0;
}

int clear(PyObject *object) {
    Py_CLEAR(reinterpret_cast<keeper *>(object)->kept);
    return 0;
}

void destroy(PyObject *object) {
    PyObject_GC_UnTrack(object);
    clear(object);
    PyTypeObject *const type = Py_TYPE(object);
    PyObject_GC_Del(object);
    Py_DECREF(type);
}

/// Attached. Keepers that hold a list that holds them.
void make_garbage() {
    static PyType_Slot slots[] = {
        {Py_tp_traverse, reinterpret_cast<void *>(&holdfast::traverse_refusing<&traverse>)},
        {Py_tp_clear, reinterpret_cast<void *>(&clear)},
        {Py_tp_dealloc, reinterpret_cast<void *>(&destroy)},
        {0, nullptr}};
    static PyType_Spec spec = {"test.keeper", static_cast<int>(sizeof(keeper)), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};
    PyObject *const type = PyType_FromSpec(&spec);
    CHECK(type != nullptr);
    for (int i = 0; i < 3; ++i) {
        auto *const made = PyObject_GC_New(keeper, reinterpret_cast<PyTypeObject *>(type));
        made->kept = PyList_New(0);
        PyObject_GC_Track(reinterpret_cast<PyObject *>(made));
        CHECK(PyList_Append(made->kept, reinterpret_cast<PyObject *>(made)) == 0);
        Py_DECREF(made);
    }
    Py_DECREF(type);
}

void collect() {
    const int before = visits;
    run_python("import gc\ngc.collect()");
    CHECK(visits > before && refusals == visits);
    const holdfast::attach_guard again;  // as ever
    holdfast::exec("x = 1");
}

}  // namespace

int main() {
    holdfast::interpreter python;
    const auto list = holdfast::eval<holdfast::object>("[]");
    held_elsewhere = &list;
    {
        const holdfast::attach_guard attached;
        make_garbage();
        collect();  // within our own guard
    }
    {
        const holdfast::attach_guard attached;
        make_garbage();
    }
    std::thread([] {  // a thread that is attached by other means, and has attached by ours before
        { const holdfast::attach_guard attached; }
        const PyGILState_STATE state = PyGILState_Ensure();
        collect();
        PyGILState_Release(state);
        const holdfast::attach_guard attached;
    })
        .join();
    held_elsewhere = nullptr;
    {
        holdfast::subinterpreter other(python);
        const holdfast::attach_guard attached(other.view());
        make_garbage();
        collect();
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
