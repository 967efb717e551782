// holdfast/calls/record.hpp: structs for Python's dataclasses, named tuples and typed dicts.
//
// A struct can be passed if holdfast::record is specialised for it, as generated headers do:
//
//   struct level { double price; std::int64_t size; };
//
//   template <>
//   struct holdfast::record<level> : holdfast::dataclass {      // or named_tuple, typed_dict
//       static constexpr const char *module = "pricing";
//       static constexpr const char *name = "Level";
//       static constexpr const char *fields[] = {"price", "size"};
//       template <class Record, class Visitor>
//       static void visit(Record &value, Visitor &each) { each(value.price); each(value.size); }
//   };
//
// The visitor is called once per field, in the order of `fields`. It is called as each.computed()
// for a field that Python computes and does not accept, as each.defaulted() for a std::optional
// that leaves Python's default in place if it is empty, and as each.optional() for a key that may
// be missing.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <holdfast/calls/assigned_fields.hpp>
#include <holdfast/calls/described_types.hpp>
#include <holdfast/calls/record_visitors.hpp>
#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/nesting.hpp>
#include <holdfast/convert/resolve.hpp>

namespace holdfast {

/// Describes T's class in Python, if T is a struct for one. The primary template means that it is
/// not.
template <class T>
struct record {};

/// Read through attributes, made by a call with keywords. If its class has the `__init__` that Python
/// makes for a dataclass, and this does nothing but assign, the fields are assigned without a call:
/// tracers and profilers do not see one. From Python: an instance of the class.
struct dataclass {};
/// Read by position, made by a call. From Python: a tuple of that length.
struct named_tuple {};
/// A dict with these keys.
struct typed_dict {};

/// A value that may be absent (None), of a type that may be incomplete: for records that contain
/// themselves.
///
/// A call that passes or returns more than 1000 levels of records, or more than the thread's stack
/// has room for, throws conversion_error.
///
/// Owns its value; copies are deep.
///
/// Threads: as for a T: several may read it, or one may write.
template <class T>
class boxed {
public:
    boxed() = default;
    boxed(std::nullopt_t) noexcept {}
    boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}
    boxed(const boxed &other)
        : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
    boxed(boxed &&) noexcept = default;
    boxed &operator=(boxed other) noexcept {
        value_ = std::move(other.value_);
        return *this;
    }
    ~boxed() = default;

    [[nodiscard]] bool has_value() const noexcept { return value_ != nullptr; }
    explicit operator bool() const noexcept { return has_value(); }
    /// Only if there is a value.
    [[nodiscard]] T &operator*() const noexcept { return *value_; }
    T *operator->() const noexcept { return value_.get(); }

    friend bool operator==(const boxed &a, const boxed &b) {
        return a.value_ && b.value_ ? *a.value_ == *b.value_ : a.has_value() == b.has_value();
    }
    friend bool operator!=(const boxed &a, const boxed &b) { return !(a == b); }

private:
    std::unique_ptr<T> value_;
};

namespace detail {

template <class T, class = void>
inline constexpr const expectation *expected_of = nullptr;
template <class T>
inline constexpr const expectation *expected_of<T, std::void_t<decltype(T::expected)>> =
    T::expected;

template <class Fields>
inline constexpr std::size_t field_count = 0;
template <class Name, std::size_t Count>
inline constexpr std::size_t field_count<Name[Count]> = Count;

/// The number of fields of a record; a record without fields has {nullptr}.
template <class T>
constexpr std::size_t fields_of() noexcept {
    return record<T>::fields[0] == nullptr
               ? 0
               : field_count<std::remove_reference_t<decltype(record<T>::fields)>>;
}

/// The record's class, and its field names as interned strings.
template <class T>
const resolved &class_of_record() {
    static lookup_cache cache;
    static constexpr callee type{"", record<T>::module,     record<T>::name, "", record<T>::fields,
                                 0,  expected_of<record<T>>};
    if constexpr (std::is_base_of_v<dataclass, record<T>> && fields_of<T>() > 0)
        return cache.find(attached_ref(), type, fields_of<T>(), &find_dataclass);
    else
        return cache.find(attached_ref(), type, fields_of<T>());
}

/// Only the names, for a typed dict: its class has no instances, and need not exist at run time.
HOLDFAST_DETAIL_COLD inline findings find_names(const callee &type, std::size_t count) {
    return {owned(), demand(make_keyword_tuples(type.keywords, count))};
}
template <class T>
const resolved &keys_of_record() {
    static lookup_cache cache;
    static constexpr callee type{"", "", "", "", record<T>::fields, 0};
    return cache.find(attached_ref(), type, fields_of<T>(), &find_names);
}

template <class T>
struct converter<T, std::enable_if_t<is_record<T>>> {
    using its = record<T>;
    static constexpr std::size_t count = fields_of<T>();
    static constexpr bool is_dict = std::is_base_of_v<typed_dict, its>;
    static constexpr bool is_tuple = std::is_base_of_v<named_tuple, its>;
    static constexpr const char *wanted = its::name;

    static PyObject *to_python(const T &value, const value_path &where) {
        const nesting deeper(where);
        if constexpr (is_dict) {
            owned dict = demand(PyDict_New());
            key_writer writer{base(&keys_of_record<T>(), where), dict.get()};
            its::visit(value, writer);
            return dict.release();
        } else {
            const resolved &type = class_of_record<T>();
            PyObject *array[count + 2];  // vectorcall may use the first element itself
            bool given[count + 1];
            argument_writer writer(base(&type, where), array + 1, given);
            its::visit(value, writer);
            if (writer.written == count && only_assigns(type))
                return assign_fields(type, array + 1, count);
            owned made;
            const bool by_place = is_tuple && writer.written == count;
            PyObject *const names = by_place ? nullptr : writer.names(made);
            return PyObject_Vectorcall(type.callable, array + 1,
                                       (by_place ? count : 0) | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                       names);
        }
    }

    static T from_python(PyObject *value, const value_path &where) {
        const nesting deeper(where);
        T result{};
        if constexpr (is_dict) {
            if (!PyDict_Check(value))
                throw_wrong_type(where, wanted, value);
            const owned snapshot = demand(PyDict_Copy(value));
            key_reader reader{base(&keys_of_record<T>(), where), snapshot.get()};
            its::visit(result, reader);
        } else if constexpr (is_tuple) {
            if (!PyTuple_Check(value) || PyTuple_GET_SIZE(value) != static_cast<Py_ssize_t>(count))
                throw_wrong_type(where, wanted, value);
            item_reader reader{base(nullptr, where), value};
            its::visit(result, reader);
        } else {
            const resolved &type = class_of_record<T>();
            if (reinterpret_cast<PyObject *>(Py_TYPE(value)) != type.callable)
                demand_instance(value, type.callable, wanted, where);
            attribute_reader reader{base(&type, where), value};
            its::visit(result, reader);
        }
        return result;
    }

private:
    static record_visitor base(const resolved *found, const value_path &where) noexcept {
        return {found, its::fields, count, &where};
    }
};

template <class T>
struct converter<boxed<T>> {
    static constexpr const char *wanted = "a value or None";

    static PyObject *to_python(const boxed<T> &value, const value_path &where) {
        if (!value)
            Py_RETURN_NONE;
        return converter<T>::to_python(*value, where);
    }
    static boxed<T> from_python(PyObject *value, const value_path &where) {
        if (value == Py_None)
            return {};
        return owned_from_python<T>(value, where);
    }
};

}  // namespace detail

}  // namespace holdfast
