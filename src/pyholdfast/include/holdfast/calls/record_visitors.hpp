// holdfast/calls/record_visitors.hpp: what reads and writes the fields of a record, one after the other.
//
// A record's visit() hands each field to one of these (record.hpp). They hold borrowed references:
// the conversion that makes one keeps the object, the array or the dict.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <optional>

#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/resolve.hpp>

namespace holdfast::detail {

/// From the names in a lookup_cache: all `count` of them, and the one at `index`. Borrowed.
inline PyObject *all_names(const resolved &found, std::size_t count) noexcept {
    return PyTuple_GET_ITEM(found.keywords, static_cast<Py_ssize_t>(count));
}
inline PyObject *name_at(const resolved &found, std::size_t count, std::size_t index) noexcept {
    return PyTuple_GET_ITEM(all_names(found, count), static_cast<Py_ssize_t>(index));
}

/// The common part of a record's visitors.
struct record_visitor {
    const resolved *found;  // null when a named tuple is read
    const char *const *fields;
    std::size_t count;
    const value_path *where;
    std::size_t index = 0;

    [[nodiscard]] PyObject *next_name() noexcept { return name_at(*found, count, index); }
    [[nodiscard]] value_path next_place() noexcept { return where->field(fields[index++]); }
};

/// Reads the attributes of an instance.
struct attribute_reader : record_visitor {
    PyObject *instance;

    template <class Field>
    void operator()(Field &field) {
        const owned value(PyObject_GetAttr(instance, next_name()));
        if (!value)
            throw_no_field(*this, PyExc_AttributeError);
        field = owned_from_python<Field>(value.get(), next_place());
    }
    template <class Field>
    void computed(Field &field) {
        (*this)(field);
    }
    template <class Field>
    void defaulted(std::optional<Field> &field) {
        (*this)(field.emplace());
    }

    /// \param kind  the type of the error that means the field is missing; other errors are
    ///              rethrown.
    [[noreturn]] HOLDFAST_DETAIL_COLD static void throw_no_field(record_visitor &at,
                                                                 PyObject *kind) {
        if (PyErr_Occurred() != nullptr && PyErr_ExceptionMatches(kind) == 0)
            throw_python_error();
        PyErr_Clear();
        throw_wrong_type(at.next_place(), "a value", "none: the field is missing");
    }
};

struct item_reader : record_visitor {
    PyObject *tuple;

    template <class Field>
    void operator()(Field &field) {
        PyObject *const value = PyTuple_GET_ITEM(tuple, static_cast<Py_ssize_t>(index));
        field = owned_from_python<Field>(value, next_place());
    }
    template <class Field>
    void defaulted(std::optional<Field> &field) {
        (*this)(field.emplace());
    }
};

struct key_reader : record_visitor {
    PyObject *dict;

    template <class Field>
    void operator()(Field &field) {
        const owned value(find());
        if (!value)
            attribute_reader::throw_no_field(*this, PyExc_KeyError);
        field = owned_from_python<Field>(value.get(), next_place());
    }
    template <class Field>
    void optional(std::optional<Field> &field) {
        const owned value(find());
        const value_path here = next_place();
        if (value)
            field = owned_from_python<Field>(value.get(), here);
        else
            field.reset();
    }

private:
    /// The value of the next key: a new reference, or null. Reads our own copy of the dict.
    owned find() {
        PyObject *const value = PyDict_GetItemWithError(dict, next_name());
        if (value == nullptr && PyErr_Occurred() != nullptr)
            throw_python_error();
        Py_XINCREF(value);
        return owned(value);
    }
};

/// Writes the fields into an array, for a call, and notes which of them are passed.
struct argument_writer : record_visitor {
    PyObject **arguments;
    bool *given;  // one per field
    std::size_t written = 0;

    argument_writer(record_visitor base, PyObject **to, bool *noted)
        : record_visitor(base), arguments(to), given(noted) {}
    argument_writer(const argument_writer &) = delete;
    argument_writer &operator=(const argument_writer &) = delete;
    ~argument_writer() {
        for (std::size_t i = 0; i < written; ++i)
            Py_DECREF(arguments[i]);
    }

    template <class Field>
    void operator()(const Field &field) {
        given[index] = true;
        PyObject *const value = converter<Field>::to_python(field, next_place());
        if (value == nullptr)
            throw_python_error();
        arguments[written++] = value;
    }
    template <class Field>
    void computed(const Field &) noexcept {
        given[index++] = false;
    }
    template <class Field>
    void defaulted(const std::optional<Field> &field) {
        if (field)
            (*this)(*field);
        else
            given[index++] = false;
    }

    /// The names of the fields that are passed. \param made  keeps the tuple alive if it is not one
    /// of the prefixes.
    PyObject *names(owned &made) const {
        std::size_t first_gap = 0;
        while (first_gap < count && given[first_gap])
            ++first_gap;
        if (first_gap == written)
            return written == 0
                       ? nullptr
                       : PyTuple_GET_ITEM(found->keywords, static_cast<Py_ssize_t>(written));
        made = demand(PyTuple_New(static_cast<Py_ssize_t>(written)));
        Py_ssize_t next = 0;
        for (std::size_t i = 0; i < count; ++i)
            if (given[i]) {
                PyObject *const name = name_at(*found, count, i);
                Py_INCREF(name);
                PyTuple_SET_ITEM(made.get(), next++, name);
            }
        return made.get();
    }
};

struct key_writer : record_visitor {
    PyObject *dict;

    template <class Field>
    void operator()(const Field &field) {
        PyObject *const name = next_name();
        const owned value = demand(converter<Field>::to_python(field, next_place()));
        if (PyDict_SetItem(dict, name, value.get()) != 0)
            throw_python_error();
    }
    template <class Field>
    void optional(const std::optional<Field> &field) {
        if (field)
            (*this)(*field);
        else
            ++index;
    }
};

}  // namespace holdfast::detail
