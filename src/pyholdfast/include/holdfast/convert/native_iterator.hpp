// holdfast/convert/native_iterator.hpp: a Python iterator whose items C++ produces.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <memory>
#include <new>

#include <holdfast/annotations.hpp>
#include <holdfast/convert/resolve.hpp>
#include <holdfast/objects/exception_boundary.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/python_error.hpp>

namespace holdfast::detail {

/// The source of the items. The Python object owns it; it is called and destroyed attached.
class item_source {
public:
    item_source() = default;
    item_source(const item_source &) = delete;
    item_source &operator=(const item_source &) = delete;
    virtual ~item_source() = default;

    /// A new reference; null without an error at the end, or with an error set. May throw.
    virtual PyObject *next() = 0;
};

/// The Python object.
///
/// Threads: any, attached. `busy` admits one thread at a time and refuses others, as generators do.
///          A second thread could not wait, because the first may be waiting for the GIL that it
///          holds.
struct native_iterator {
    PyObject ob_base;
    item_source *source;
    std::atomic<bool> busy;

    static PyObject *next(PyObject *object) noexcept {
        auto *const self = reinterpret_cast<native_iterator *>(object);
        if (self->busy.exchange(true, std::memory_order_acquire)) {
            PyErr_SetString(PyExc_ValueError,
                            "this C++ iterator is already being asked for an item");
            return nullptr;
        }
        PyObject *const item = translate_exceptions([self] { return self->source->next(); });
        self->busy.store(false, std::memory_order_release);
        return item;
    }

    static void destroy(PyObject *object) noexcept {
        const saved_error aside;
        auto *const self = reinterpret_cast<native_iterator *>(object);
        PyTypeObject *const type = Py_TYPE(object);
        delete self->source;
        PyObject_Free(object);
        Py_DECREF(type);
    }
};

HOLDFAST_DETAIL_COLD inline findings make_iterator_type(const callee &, std::size_t) {
    static PyType_Slot parts[] = {
        {Py_tp_iter, reinterpret_cast<void *>(&PyObject_SelfIter)},
        {Py_tp_iternext, reinterpret_cast<void *>(&native_iterator::next)},
        {Py_tp_dealloc, reinterpret_cast<void *>(&native_iterator::destroy)},
        {0, nullptr}};
    static PyType_Spec spec = {"holdfast.iterator", static_cast<int>(sizeof(native_iterator)), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, parts};
    return {demand(PyType_FromSpec(&spec)), owned()};
}

/// A new iterator; null with an error set.
HOLDFAST_REQUIRES_ATTACHED inline PyObject *make_native_iterator(
    std::unique_ptr<item_source> source) {
    static lookup_cache cache;
    static constexpr callee name{"", "holdfast", "iterator", ""};
    auto *const type = reinterpret_cast<PyTypeObject *>(
        cache.find(attached_ref(), name, 0, &make_iterator_type).callable);
    auto *const made = PyObject_New(native_iterator, type);
    if (made == nullptr)
        return nullptr;
    made->source = source.release();
    new (&made->busy) std::atomic<bool>(false);
    return reinterpret_cast<PyObject *>(made);
}

}  // namespace holdfast::detail
