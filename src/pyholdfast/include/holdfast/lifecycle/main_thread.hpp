// holdfast/lifecycle/main_thread.hpp: Python's main thread is the one that started it, whoever
// imports `threading` first.
//
// Up to 3.12, `threading` takes the thread that imports it for its main thread, and that must not be
// a worker. Its import takes more than a quarter of a start, so it is not imported in advance: a finder in
// front of the others waits for the import, and corrects what the module has noted, before any other
// code sees the module.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#if HOLDFAST_HAS_MAIN_THREAD_BY_IMPORT

#include <cstdint>
#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/python_source.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/process.hpp>

namespace holdfast::detail {

/// The thread that started Python. Written at each start, before another thread can attach; read
/// with the GIL held.
struct starting_thread {
    unsigned long ident = 0, native_id = 0;
    std::int64_t process = 0;
};
inline starting_thread started_by;

// Whoever asks for `threading` gets what the other finders find, and so does a reload. Only until
// the module is executed does its spec have a loader of ours, which has all of the real one's
// attributes.
inline constexpr const char *find_threading_source = R"(
def find(hook, name, path, target):
    import sys
    spec = None
    for finder in list(sys.meta_path):
        find_spec = getattr(finder, "find_spec", None)
        if spec is None and finder is not hook and find_spec is not None:
            spec = find_spec(name, path, target)
    if not hasattr(getattr(spec, "loader", None), "exec_module"):
        return spec
    real = spec.loader

    class Loader:
        def __getattr__(self, name):
            return getattr(real, name)

        def exec_module(self, module):
            if getattr(module, "__loader__", None) is self:
                module.__loader__ = real
            if module.__spec__.loader is self:
                module.__spec__.loader = real
            real.exec_module(module)
            hook.correct(module)

    spec.loader = Loader()
    return spec
)";

/// The oldest state of the thread that started Python; null: it has ended. In a forked child, where
/// only the state of the thread that forked is left, that one.
///
/// Holds the GIL, without which no state is taken out of the list. New ones come in front.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline PyThreadState *state_of_starter() noexcept {
    const bool is_forked = process_number() != started_by.process;
    PyThreadState *found = nullptr;
    for (PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
         state != nullptr; state = PyThreadState_Next(state))
        if (is_forked || state->thread_id == started_by.ident)
            found = state;
    return found;
}

/// When the state ends, CPython releases the lock on which a join() of its thread waits. It now does
/// so at the end of `to`, not of `from`.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void move_end_lock(
    PyThreadState *from, PyThreadState *to) noexcept {
    auto *const before = static_cast<PyObject *>(to->on_delete_data);
    to->on_delete = std::exchange(from->on_delete, nullptr);
    to->on_delete_data = std::exchange(from->on_delete_data, nullptr);
    Py_XDECREF(before);  // a weak reference, of an earlier `threading`
}

/// `threading`, which this thread has just executed, took it for the main thread: makes it take the
/// starter.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline PyObject *correct_main_thread(
    PyObject *, PyObject *threading) {
    PyThreadState *const own = PyThreadState_Get();
    PyThreadState *const starter = state_of_starter();
    if (starter == nullptr || starter == own)
        Py_RETURN_NONE;
    move_end_lock(own, starter);
    if (starter->thread_id == own->thread_id)
        Py_RETURN_NONE;
    const owned main(PyObject_GetAttrString(threading, "_main_thread"));
    const owned active(PyObject_GetAttrString(threading, "_active"));
    const owned own_ident(PyLong_FromUnsignedLong(own->thread_id));
    const owned ident(PyLong_FromUnsignedLong(starter->thread_id));
    const bool is_forked = process_number() != started_by.process;
    const owned native_id(PyLong_FromUnsignedLong(
        is_forked ? static_cast<unsigned long>(process_number()) : started_by.native_id));
    if (!main || !active || !own_ident || !ident || !native_id ||
        PyDict_SetItem(active.get(), ident.get(), main.get()) != 0 ||
        PyObject_SetAttrString(main.get(), "_ident", ident.get()) != 0 ||
        PyObject_SetAttrString(main.get(), "_native_id", native_id.get()) != 0 ||
        PyDict_DelItem(active.get(), own_ident.get()) != 0)
        return nullptr;
    Py_RETURN_NONE;
}

/// find_spec() of the finder.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline PyObject *find_threading(PyObject *hook,
                                                                                PyObject *arguments,
                                                                                PyObject *named) {
    static char fullname[] = "fullname", path_name[] = "path", target_name[] = "target";
    static char *names[] = {fullname, path_name, target_name, nullptr};
    PyObject *name = nullptr;
    PyObject *path = Py_None;
    PyObject *target = Py_None;
    if (PyArg_ParseTupleAndKeywords(arguments, named, "U|OO", names, &name, &path, &target) == 0)
        return nullptr;
    if (PyUnicode_CompareWithASCIIString(name, "threading") != 0)
        Py_RETURN_NONE;
    const owned find = defined_by(find_threading_source, "<holdfast>", "find");
    return find ? PyObject_CallFunctionObjArgs(find.get(), hook, name, path, target, nullptr)
                : nullptr;
}

/// On the thread that has started Python. Without memory, nothing is changed: then the first importer
/// is the main thread.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void keep_main_thread() noexcept {
    static PyMethodDef functions[] = {
        {"find_spec", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&find_threading)),
         METH_VARARGS | METH_KEYWORDS, nullptr},
        {"correct", &correct_main_thread, METH_O, nullptr},
        {nullptr, nullptr, 0, nullptr},
    };
    started_by = {PyThread_get_thread_ident(), PyThread_get_thread_native_id(), process_number()};
    PyObject *const finders = PySys_GetObject("meta_path");  // borrowed
    const owned hook(PyModule_New("holdfast.main_thread"));
    if (finders != nullptr && PyList_Check(finders) != 0 && hook &&
        PyModule_AddFunctions(hook.get(), functions) == 0)
        PyList_Insert(finders, 0, hook.get());
    PyErr_Clear();
}

}  // namespace holdfast::detail

#endif
