// holdfast/detail/function_holder.hpp: a C++ function within Python, and what it keeps.
//
// Layer 53.
#pragma once

#include "../python.hpp"  // first: CPython asks for it

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "../object.hpp"
#include "../python_error.hpp"
#include "resolve.hpp"

namespace holdfast::detail {

/// What a holder holds. Called and destroyed attached, on whichever thread Python does it.
class held_function {
public:
    held_function() = default;
    held_function(const held_function &) = delete;
    held_function &operator=(const held_function &) = delete;
    virtual ~held_function() { drop_kept(); }

    /// Adds a reference that the garbage collector is told of. Attached to the object's
    /// interpreter.
    void keep(const object &one) {
        PyObject *const pointer = one.get();
        if (pointer == nullptr)
            throw usage_error("HF408", "callable() was given an empty object to keep",
                              "give it objects that hold something");
        kept_.push_back(pointer);
        Py_INCREF(pointer);
    }

    [[nodiscard]] std::size_t kept_count() const noexcept { return kept_.size(); }
    [[nodiscard]] PyObject *kept(std::size_t index) const noexcept { return kept_[index]; }

    /// Changes nothing and allocates nothing: the collector may be in the middle of its work.
    int visit_kept(visitproc visit, void *arg) const noexcept {
        for (PyObject *const one : kept_)
            Py_VISIT(one);
        return 0;
    }

    /// What is dropped may come back here, so nothing is kept any more before the first is dropped.
    void drop_kept() noexcept {
        for (PyObject *const one : std::exchange(kept_, {}))
            Py_DECREF(one);
    }

private:
    // Ours. Written before Python sees the holder, and by its tp_clear.
    std::vector<PyObject *> kept_;
};

/// The Python object that the Python function has for its `self`.
struct function_holder {
    PyObject ob_base;
    held_function *function;

    static held_function &function_of(PyObject *holder) noexcept {
        return *reinterpret_cast<function_holder *>(holder)->function;
    }

    static int traverse(PyObject *holder, visitproc visit, void *arg) noexcept {
        Py_VISIT(Py_TYPE(holder));
        return function_of(holder).visit_kept(visit, arg);
    }

    static int clear(PyObject *holder) noexcept {
        function_of(holder).drop_kept();
        return 0;
    }

    static void destroy(PyObject *holder) noexcept {
        PyObject_GC_UnTrack(holder);
        const saved_error aside;
        PyTypeObject *const type = Py_TYPE(holder);
        delete &function_of(holder);
        PyObject_GC_Del(holder);
        Py_DECREF(type);
    }
};

HOLDFAST_DETAIL_COLD inline findings make_holder_type(const callee &, std::size_t) {
    static PyType_Slot parts[] = {
        {Py_tp_traverse, reinterpret_cast<void *>(&function_holder::traverse)},
        {Py_tp_clear, reinterpret_cast<void *>(&function_holder::clear)},
        {Py_tp_dealloc, reinterpret_cast<void *>(&function_holder::destroy)},
        {0, nullptr}};
    static PyType_Spec spec = {
        "holdfast.function", static_cast<int>(sizeof(function_holder)), 0,
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, parts};
    return {demand(PyType_FromSpec(&spec)), owned()};
}

/// A new holder. Attached.
/// \throws python_error, closed_error
HOLDFAST_DETAIL_COLD inline owned hold_function(std::unique_ptr<held_function> function) {
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
