// holdfast/calls/function_holder.ipp: the bodies of function_holder.hpp.
#pragma once

#include <holdfast/calls/function_holder.hpp>

#include <cstddef>
#include <memory>
#include <utility>

#include <holdfast/error.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY held_function::~held_function() { drop_cached(); }

HOLDFAST_DETAIL_BODY void held_function::keep(const object &one) {
    PyObject *const pointer = one.get();
    if (pointer == nullptr)
        throw usage_error("HF408", "callable() was given an empty object to keep",
                          "give it objects that hold something");
    kept_.push_back(pointer);
    Py_INCREF(pointer);
}

HOLDFAST_DETAIL_BODY int held_function::visit_cached(visitproc visit, void *arg) const noexcept {
    for (PyObject *const one : kept_)
        Py_VISIT(one);
    return 0;
}

HOLDFAST_DETAIL_BODY void held_function::drop_cached() noexcept {
    for (PyObject *const one : std::exchange(kept_, {}))
        Py_DECREF(one);
}

HOLDFAST_DETAIL_BODY int traverse_function(PyObject *holder, visitproc visit, void *arg) noexcept {
    Py_VISIT(Py_TYPE(holder));
    return function_holder::function_of(holder).visit_cached(visit, arg);
}

HOLDFAST_DETAIL_BODY int clear_function(PyObject *holder) noexcept {
    function_holder::function_of(holder).drop_cached();
    return 0;
}

HOLDFAST_DETAIL_BODY void destroy_function(PyObject *holder) noexcept {
    PyObject_GC_UnTrack(holder);
    const saved_error aside;
    PyTypeObject *const type = Py_TYPE(holder);
    delete &function_holder::function_of(holder);
    PyObject_GC_Del(holder);
    Py_DECREF(type);
}

HOLDFAST_DETAIL_COLD_BODY findings make_holder_type(const callee &, std::size_t) {
    static PyType_Slot parts[] = {{Py_tp_traverse, reinterpret_cast<void *>(&traverse_function)},
                                  {Py_tp_clear, reinterpret_cast<void *>(&clear_function)},
                                  {Py_tp_dealloc, reinterpret_cast<void *>(&destroy_function)},
                                  {0, nullptr}};
    static PyType_Spec spec = {
        "holdfast.function", static_cast<int>(sizeof(function_holder)), 0,
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, parts};
    return {demand(PyType_FromSpec(&spec)), owned()};
}

HOLDFAST_DETAIL_COLD_BODY owned hold_function(std::unique_ptr<held_function> function) {
    static lookup_cache cache;
    static constexpr callee name{"", "holdfast", "function", ""};
    auto *const type = reinterpret_cast<PyTypeObject *>(
        cache.find(attached_ref(), name, 0, &make_holder_type).callable);
    auto *const made = PyObject_GC_New(function_holder, type);
    if (made == nullptr)
        throw_python_error();
    made->function = function.release();
    PyObject_GC_Track(reinterpret_cast<PyObject *>(made));
    return owned(reinterpret_cast<PyObject *>(made));
}

}  // namespace holdfast::detail
