// c/backend/objects.hpp: objects that a program keeps, and memory without a copy.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstring>
#include <memory>
#include <string>

#include <holdfast/convert/exported.hpp>

#include "functions.hpp"

namespace holdfast::c {

inline hf_object *object_keep(hf_object *one) { return keep(one); }
inline void object_free(hf_object *one) {
    // A callback's result stays its own while it has an owner: hf_object_keep() returns the same handle
    drop(one);
}

/// Calls `body(PyObject *)` attached to the object's interpreter.
template <class Body>
hf_status with_object(const char *function, hf_object *one, const Body &body) {
    if (one == nullptr)
        return given_nothing(function, "an object that is");
    return protect([&]() -> hf_status {
        const attach_guard attached(one->object.view(), call_site::at(function, 0));
        body(one->object.get());
        return HF_OK;
    });
}

inline hf_status object_get(hf_object *one, const char *attribute, hf_value *result) {
    set_none(result);
    if (attribute == nullptr)
        return given_nothing("hf_object_get", "a name that is");
    return with_object("hf_object_get", one, [&](PyObject *self) {
        const detail::callee place{"attribute '", "", attribute, "'"};
        take_result(PyObject_GetAttrString(self, attribute), result,
                    value_path::result(place, nullptr));
    });
}

inline hf_status object_set(hf_object *one, const char *attribute, const hf_value *value) {
    if (attribute == nullptr || value == nullptr)
        return given_nothing("hf_object_set", "a name or a value that is");
    return with_object("hf_object_set", one, [&](PyObject *self) {
        const detail::callee place{"", "", "hf_object_set", "()"};
        const owned its = detail::demand(write(*value, value_path::argument(place, nullptr, 3)));
        if (PyObject_SetAttrString(self, attribute, its.get()) != 0)
            detail::throw_python_error();
    });
}

inline hf_status object_function(hf_object *one, const char *method, hf_function **out) {
    return with_object("hf_object_function", one, [&](PyObject *self) {
        owned found = method != nullptr ? detail::demand(PyObject_GetAttrString(self, method))
                                        : owned(Py_NewRef(self));
        if (PyCallable_Check(found.get()) == 0) {
            const std::string type = detail::name_of_type(Py_TYPE(found.get()));
            PyErr_Format(PyExc_TypeError, "'%s' object is not callable", type.c_str());
            throw lookup_error("HF405",
                               (method != nullptr ? std::string("the attribute '") + method + '\''
                                                  : std::string("the object")) +
                                   " is not callable: it is " + type,
                               "name a method, or read the value with hf_object_get()");
        }
        *out = new hf_function(object::steal(found.release()), "", method != nullptr ? method : "");
    });
}

inline hf_status object_text(hf_object *one, hf_value *result) {
    set_none(result);
    return with_object("hf_object_text", one, [&](PyObject *self) {
        static constexpr detail::callee place{"", "", "str", "()"};
        take_result(PyObject_Str(self), result, value_path::result(place, nullptr));
    });
}

inline void *object_pointer(hf_object *one) {
    void *pointer = nullptr;
    if (one == nullptr) {
        given_nothing("hf_object_pointer", "an object that is");
        return nullptr;
    }
    protect([&]() -> hf_status {
        pointer = one->object.get();
        return HF_OK;
    });
    return pointer;
}

inline hf_status object_wrap(void *pyobject, hf_object **out) {
    if (pyobject == nullptr)
        return given_nothing("hf_object_wrap", "a PyObject that is");
    return protect([&]() -> hf_status {
        *out = new hf_object(object::borrow(static_cast<PyObject *>(pyobject)));
        return HF_OK;
    });
}

// --- memory ----------------------------------------------------------------------------------

/// A memoryview holds the buffer's export. It can be dropped on any thread, which ends the export.
inline hf_status buffer_get(hf_object *one, int writable, hf_buffer *out) {
    if (out == nullptr)
        return given_nothing("hf_buffer_get", "a buffer that is");
    std::memset(out, 0, sizeof *out);
    return with_object("hf_buffer_get", one, [&](PyObject *self) {
        owned view = detail::demand(PyMemoryView_FromObject(self));
        const Py_buffer &memory = *PyMemoryView_GET_BUFFER(view.get());
        if (writable != 0 && memory.readonly != 0) {
            PyErr_SetString(PyExc_BufferError, "the object's memory is read-only");
            detail::throw_python_error();
        }
        if (memory.suboffsets != nullptr) {
            PyErr_SetString(PyExc_BufferError, "the object's memory is scattered (suboffsets)");
            detail::throw_python_error();
        }
        static_assert(sizeof(Py_ssize_t) == sizeof(std::ptrdiff_t));
        out->data = memory.buf;
        out->size = static_cast<std::size_t>(memory.len);
        out->itemsize = memory.itemsize;
        out->format = memory.format;
        out->ndim = memory.ndim;
        out->readonly = memory.readonly;
        out->shape = memory.shape;
        out->strides = memory.strides;
        out->reserved[0] = new hf_object(object::steal(view.release()));
    });
}

inline void buffer_release(hf_buffer *buffer) {
    if (buffer == nullptr)
        return;
    drop(static_cast<hf_object *>(buffer->reserved[0]));
    std::memset(buffer, 0, sizeof *buffer);
}

inline hf_status memory(void *data, std::size_t size, int readonly, void (*release)(void *),
                        void *user, hf_object **out) {
    if (!is_memory(data, size))
        return wrong_argument("hf_memory() was given NULL, or a negative size",
                              "pass the memory and its size in bytes");
    return protect([&]() -> hf_status {
        const attached_here attached("hf_memory()");
        // Until this call has succeeded, the memory belongs to the caller.
        const auto is_ours = std::make_shared<bool>(false);
        std::shared_ptr<const void> keeper(data, [release, user, is_ours](const void *) {
            if (release != nullptr && *is_ours)
                release(user);
        });
        detail::layout block;
        block.data = data;
        block.rank = 1;
        block.shape[0] = static_cast<Py_ssize_t>(size);
        block.make_contiguous();
        block.read_only = readonly != 0;
        const owned exported = detail::export_memory(block, std::move(keeper));
        if (!exported)
            detail::throw_python_error();
        *out = new hf_object(
            object::steal(detail::demand(PyMemoryView_FromObject(exported.get())).release()));
        *is_ours = true;
        return HF_OK;
    });
}

}  // namespace holdfast::c
