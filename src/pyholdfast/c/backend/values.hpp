// c/backend/values.hpp: values between C and Python. Everything that converts runs attached.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <string>

#include <holdfast/annotations.hpp>
#include <holdfast/convert/containers.hpp>
#include <holdfast/convert/convert.hpp>

#include "../value_memory.hpp"
#include "errors.hpp"
#include "handles.hpp"

namespace holdfast::c {

using detail::owned;
using detail::value_path;

// --- results ---------------------------------------------------------------------------------

/// The memory that only this value's owner points to; null: none.
inline const void *memory_of(const hf_value &value) noexcept {
    switch (value.kind) {
    case HF_TEXT:
    case HF_BYTES:
        return value.as.text.data;
    case HF_LIST:
    case HF_DICT:
        return value.as.list.items;
    case HF_OBJECT:
        return value.as.object;
    default:
        return nullptr;
    }
}

/// In a callback: remembers a result, so that the callback may return it as its own.
inline void note_result(const hf_value *value) {
    if (callback_frame::innermost != nullptr && value != nullptr && memory_of(*value) != nullptr)
        callback_frame::innermost->add(memory_of(*value));
}

/// Call it before the value is cleared, and when it gets an owner that is no callback's.
inline void forget_result(const hf_value &value) noexcept {
    if (const void *const memory = memory_of(value))
        take_note(memory);
}

/// Whether the value is a result that this callback has made; it is then forgotten.
inline bool is_result_of(const callback_frame &frame, const hf_value &value) noexcept {
    const void *const memory = memory_of(value);
    return memory != nullptr && take_note(memory, &frame);
}

inline void clear(hf_value &value) noexcept { clear_value(value, &drop<hf_object>); }

inline void value_clear(hf_value *value) {
    if (value == nullptr)
        return;
    forget_result(*value);
    clear(*value);
}

[[noreturn]] HOLDFAST_DETAIL_COLD inline void throw_too_deep(const std::string &where) {
    constexpr std::size_t longest = 80;
    // The place of a list in 200 others is no help
    const std::string its = where.size() > longest ? where.substr(0, longest) + "[...]" : where;
    throw conversion_error("HF417",
                           its + ": lists and dictionaries are nested more than " +
                               std::to_string(deepest_value) + " deep",
                           "pass flatter data, or keep it an object; a list may contain itself");
}

[[noreturn]] HOLDFAST_DETAIL_COLD inline void throw_without_data(const std::string &where) {
    throw usage_error("HF269",
                      where + ": a value has no data: its pointer is NULL, or its size is negative",
                      "set the pointer and the size; a size or count of 0 needs no pointer");
}

inline hf_status value_copy(const hf_value *from, hf_value *to) {
    if (from == nullptr || to == nullptr) {
        set_none(to);
        return given_nothing("hf_value_copy", "a value that is");
    }
    return protect([&]() -> hf_status {
        switch (copy_value(*from, *to, &keep<hf_object>, &drop<hf_object>)) {
        case copy_fault::kind:
            return wrong_argument("hf_value_copy(): a value's kind is none of hf_kind",
                                  "set the kind of each value");
        case copy_fault::depth:
            throw_too_deep("hf_value_copy()");
        case copy_fault::data:
            throw_without_data("hf_value_copy()");
        case copy_fault::none:
            break;
        }
        note_result(to);
        return HF_OK;
    });
}

// --- to Python -------------------------------------------------------------------------------

PyObject *write(const hf_value &value, const value_path &where, int depth);

HOLDFAST_REQUIRES_ATTACHED inline PyObject *write_list(const hf_value &value,
                                                       const value_path &where, int depth) {
    const std::size_t count = value.as.list.count;
    owned list = detail::demand(PyList_New(static_cast<Py_ssize_t>(count)));
    for (std::size_t i = 0; i < count; ++i) {
        const hf_value &from = value.as.list.items[i];
        PyObject *const item = from.kind == HF_FLOAT  // a short cut past write()
                                   ? PyFloat_FromDouble(from.as.real)
                                   : write(from, where.element(i), depth + 1);
        if (item == nullptr)
            detail::throw_python_error();
        PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i), item);
    }
    return list.release();
}

HOLDFAST_REQUIRES_ATTACHED inline PyObject *write_dict(const hf_value &value,
                                                       const value_path &where, int depth) {
    owned dict = detail::demand(PyDict_New());
    for (std::size_t i = 0; i < value.as.list.count; ++i) {
        const hf_value *const pair = value.as.list.items + 2 * i;
        const owned key = detail::demand(write(pair[0], where.element(i), depth + 1));
        const owned its = detail::demand(write(pair[1], where.value_of(key.get()), depth + 1));
        if (PyDict_SetItem(dict.get(), key.get(), its.get()) != 0)
            detail::throw_python_error();
    }
    return dict.release();
}

/// A new reference; null with a Python error set; or throws.
HOLDFAST_REQUIRES_ATTACHED inline PyObject *write(const hf_value &value, const value_path &where,
                                                  int depth = 0) {
    if (!is_whole(value))
        throw_without_data(where.text());
    switch (value.kind) {
    case HF_FLOAT:
        return PyFloat_FromDouble(value.as.real);
    case HF_INT:
        return PyLong_FromLongLong(value.as.integer);
    case HF_TEXT:
        return detail::converter<std::string_view>::to_python(
            {value.as.text.data != nullptr ? value.as.text.data : "", value.as.text.size}, where);
    case HF_BYTES:
        return PyBytes_FromStringAndSize(value.as.text.data,
                                         static_cast<Py_ssize_t>(value.as.text.size));
    case HF_NONE:
        Py_RETURN_NONE;
    case HF_BOOL:
        return PyBool_FromLong(value.as.boolean);
    case HF_OBJECT:
        return detail::converter<object>::to_python(value.as.object->object, where);
    case HF_LIST:
    case HF_DICT:
        if (depth >= deepest_value)
            throw_too_deep(where.text());
        return value.kind == HF_LIST ? write_list(value, where, depth)
                                     : write_dict(value, where, depth);
    default:
        throw usage_error(
            "HF269",
            where.text() + ": the kind " + std::to_string(value.kind) + " is none of hf_kind",
            "set the kind of each value");
    }
}

// --- from Python -----------------------------------------------------------------------------

void read(PyObject *from, hf_value &to, const value_path &where, int depth);

/// Reads items from `first` on, as long as they are floats. It runs no Python code.
HOLDFAST_REQUIRES_ATTACHED inline std::size_t read_floats(PyObject *const *items, std::size_t count,
                                                          hf_value *to) noexcept {
    std::size_t done = 0;
    for (; done < count && PyFloat_CheckExact(items[done]); ++done) {
        to[done].kind = HF_FLOAT;
        to[done].as.real = PyFloat_AS_DOUBLE(items[done]);
    }
    return done;
}

/// The items of a list or a tuple. `to` is a list with the items that have been read so far.
HOLDFAST_REQUIRES_ATTACHED inline void read_items(PyObject *from, hf_value &to,
                                                  const value_path &where, int depth) {
    const bool is_list = PyList_Check(from) != 0;
    // Without a GIL another thread may change a list meanwhile: read a copy of it
    const owned copy(is_list && HOLDFAST_HAS_FREE_THREADING != 0
                         ? PyList_GetSlice(from, 0, PY_SSIZE_T_MAX)
                         : nullptr);
    PyObject *const items = copy ? copy.get() : from;
    const auto count =
        static_cast<std::size_t>(is_list ? PyList_GET_SIZE(items) : PyTuple_GET_SIZE(items));
    begin_list(to, count);
    to.as.list.count = read_floats(PySequence_Fast_ITEMS(items), count, to.as.list.items);
    // An object's registration may run Python code, which may shorten the list
    for (std::size_t i = to.as.list.count;
         i < count && i < static_cast<std::size_t>(PySequence_Fast_GET_SIZE(items)); ++i) {
        hf_value &place = to.as.list.items[i];
        read(PySequence_Fast_GET_ITEM(items, static_cast<Py_ssize_t>(i)), place, where.element(i),
             depth + 1);
        head_of(to).is_flat &= !owns_memory(place);
        ++to.as.list.count;
    }
}

/// Until it is complete, `to` is a list of keys and values, so that a failure clears what was read.
HOLDFAST_REQUIRES_ATTACHED inline void read_dict(PyObject *from, hf_value &to,
                                                 const value_path &where, int depth) {
    // A copy, because a value's conversion may run Python code that changes the dictionary
    const owned copy = detail::demand(PyDict_Copy(from));
    begin_list(to, 2 * static_cast<std::size_t>(PyDict_GET_SIZE(copy.get())));
    PyObject *key = nullptr;
    PyObject *value = nullptr;
    head_of(to).is_flat = false;
    for (Py_ssize_t at = 0; PyDict_Next(copy.get(), &at, &key, &value) != 0;) {
        hf_value *const items = to.as.list.items;
        read(key, items[to.as.list.count], where.key_of(key), depth + 1);
        ++to.as.list.count;
        read(value, items[to.as.list.count], where.value_of(key), depth + 1);
        ++to.as.list.count;
    }
    to.as.list.count /= 2;
    to.kind = HF_DICT;
}

/// \param to  HF_NONE after a failure, which throws.
HOLDFAST_REQUIRES_ATTACHED inline void read(PyObject *from, hf_value &to, const value_path &where,
                                            int depth = 0) {
    if (PyFloat_Check(from)) {
        to.as.real = PyFloat_AS_DOUBLE(from);
        to.kind = HF_FLOAT;
        return;
    }
    set_none(&to);
    if (from == Py_None)
        return;
    if (PyBool_Check(from)) {
        to.as.boolean = from == Py_True ? 1 : 0;
        to.kind = HF_BOOL;
    } else if (PyLong_Check(from)) {
        to.as.integer = detail::converter<std::int64_t>::from_python(from, where);
        to.kind = HF_INT;
    } else if (PyUnicode_Check(from)) {
        const std::string_view text = detail::converter<std::string_view>::from_python(from, where);
        set_text(to, HF_TEXT, text.data(), text.size());
    } else if (PyBytes_Check(from)) {
        set_text(to, HF_BYTES, PyBytes_AS_STRING(from),
                 static_cast<std::size_t>(PyBytes_GET_SIZE(from)));
    } else if (PyList_Check(from) || PyTuple_Check(from) || PyDict_Check(from)) {
        if (depth >= deepest_value)
            throw_too_deep(where.text());
        try {
            if (PyDict_Check(from))
                read_dict(from, to, where, depth);
            else
                read_items(from, to, where, depth);
        } catch (...) {
            clear(to);
            throw;
        }
    } else {
        to.as.object = new hf_object(object::borrow(from));
        to.kind = HF_OBJECT;
    }
}

/// Takes the new reference that Python returned, and reads it if it is wanted.
HOLDFAST_REQUIRES_ATTACHED inline void take_result(PyObject *returned, hf_value *result,
                                                   const value_path &where) {
    const owned value = detail::demand(returned);
    if (result != nullptr) {
        read(value.get(), *result, where);
        if (owns_memory(*result))
            note_result(result);
    }
}

}  // namespace holdfast::c
