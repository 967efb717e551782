// holdfast/convert/exported.hpp: exposes C++ memory to Python through the buffer protocol.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/convert/resolve.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/python_error.hpp>

namespace holdfast::detail {

/// The largest number of dimensions of a view.
inline constexpr int most_dimensions = 8;

/// A block of memory with a shape: the information that the buffer protocol exchanges.
struct layout {
    void *data = nullptr;
    int rank = 0;
    Py_ssize_t shape[most_dimensions] = {};
    Py_ssize_t strides[most_dimensions] = {};  // in bytes
    Py_ssize_t element_size = 1;
    const char *format = "B";  // a literal
    bool read_only = true;

    [[nodiscard]] Py_ssize_t size() const noexcept {
        Py_ssize_t count = 1;
        for (int i = 0; i < rank; ++i)
            count *= shape[i];
        return count;
    }

    /// Whether it has elements, but no memory, as an empty view without dimensions has.
    [[nodiscard]] bool is_missing() const noexcept { return data == nullptr && size() != 0; }

    void make_empty() noexcept {
        data = nullptr;
        for (Py_ssize_t &length : shape)
            length = 0;
    }

    /// Whether rows follow each other without gaps, as in a C array.
    [[nodiscard]] bool is_contiguous() const noexcept {
        Py_ssize_t step = element_size;
        for (int i = rank - 1; i >= 0; --i) {
            if (shape[i] > 1 && strides[i] != step)
                return size() == 0;
            step *= shape[i];
        }
        return true;
    }

    void make_contiguous() noexcept {
        Py_ssize_t step = element_size;
        for (int i = rank - 1; i >= 0; --i) {
            strides[i] = step;
            step *= shape[i];
        }
    }
};

/// The Python object. It keeps the C++ owner alive as long as Python uses the memory.
///
/// Threads: any thread on which Python makes requests, attached. The layout does not change, so no
///          lock is needed.
struct exported {
    PyObject ob_base;
    layout block;
    std::shared_ptr<const void> keeper;

    static int get_buffer(PyObject *object, Py_buffer *view, int flags) noexcept {
        auto *const self = reinterpret_cast<exported *>(object);
        layout &block = self->block;
        view->obj = nullptr;
        const bool strided = (flags & PyBUF_STRIDES) == PyBUF_STRIDES;
        const bool rows = (flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS;
        const bool columns = (flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS;
        const bool any = (flags & PyBUF_ANY_CONTIGUOUS) == PyBUF_ANY_CONTIGUOUS;
        const char *problem = nullptr;
        if ((flags & PyBUF_WRITABLE) == PyBUF_WRITABLE && block.read_only)
            problem = "this C++ memory is read-only";
        else if (((!strided || rows || any) && !block.is_contiguous()) ||
                 (columns && block.rank > 1))
            problem = "this C++ memory is not contiguous as requested";
        if (problem != nullptr) {
            PyErr_SetString(PyExc_BufferError, problem);
            return -1;
        }
        view->buf = block.data != nullptr ? block.data : &block;  // numpy would treat null as a
                                                                  // request to allocate
        view->len = block.size() * block.element_size;
        view->readonly = block.read_only ? 1 : 0;
        view->itemsize = block.element_size;
        view->format =
            (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? const_cast<char *>(block.format) : nullptr;
        view->ndim = block.rank;
        view->shape = (flags & PyBUF_ND) == PyBUF_ND ? block.shape : nullptr;
        view->strides = strided ? block.strides : nullptr;
        view->suboffsets = nullptr;
        view->internal = nullptr;
        Py_INCREF(object);
        view->obj = object;
        return 0;
    }

    static void destroy(PyObject *object) noexcept {
        const saved_error aside;
        auto *const self = reinterpret_cast<exported *>(object);
        PyTypeObject *const type = Py_TYPE(object);
        self->keeper.~shared_ptr();
        PyObject_Free(object);
        Py_DECREF(type);
    }
};

HOLDFAST_DETAIL_COLD inline findings make_exported_type(const callee &, std::size_t) {
    static PyType_Slot parts[] = {
        {Py_bf_getbuffer, reinterpret_cast<void *>(&exported::get_buffer)},
        {Py_tp_dealloc, reinterpret_cast<void *>(&exported::destroy)},
        {0, nullptr}};
    static PyType_Spec spec = {"holdfast.memory", static_cast<int>(sizeof(exported)), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, parts};
    return {demand(PyType_FromSpec(&spec)), owned()};
}

/// A new object that exports the block; null with an error set.
HOLDFAST_REQUIRES_ATTACHED inline owned export_memory(const layout &block,
                                                      std::shared_ptr<const void> keeper) {
    static lookup_cache cache;
    static constexpr callee name{"", "holdfast", "memory", ""};
    auto *const type = reinterpret_cast<PyTypeObject *>(
        cache.find(attached_ref(), name, 0, &make_exported_type).callable);
    auto *const made = PyObject_New(exported, type);
    if (made == nullptr)
        return {};
    new (&made->block) layout(block);
    new (&made->keeper) std::shared_ptr<const void>(std::move(keeper));
    return owned(reinterpret_cast<PyObject *>(made));
}

}  // namespace holdfast::detail
