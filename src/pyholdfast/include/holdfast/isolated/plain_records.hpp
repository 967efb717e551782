// holdfast/isolated/plain_records.hpp: dataclasses, named tuples, typed dicts, enums and literals to
// and from a worker.
//
// Their descriptions are declared here, and defined in calls/record.hpp and calls/enumeration.hpp,
// which generated headers include. A class is recognised by its name: the worker's module may have
// imported it from another one.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>

#include <holdfast/calls/described_types.hpp>
#include <holdfast/isolated/plain_converter.hpp>

namespace holdfast {

struct named_tuple;
struct typed_dict;
template <class T>
class boxed;

namespace detail {

/// Whether a tagged value is of this class or of one derived from it: its first item has the names
/// of all its classes.
bool is_of_class(const plain_value &value, const char *name) noexcept;

/// The value of a field by its name; null if there is none.
const plain_value *field_of(const plain_value &dict, const char *name) noexcept;

/// Writes the fields as a dict of names and values.
struct plain_field_writer {
    pickle_writer &to;
    const char *const *fields;
    const value_path &where;
    std::size_t index = 0;

    template <class Field>
    void operator()(const Field &field) {
        const char *const name = fields[index++];
        to.text(name);
        plain_converter<Field>::write(to, field, where.field(name));
    }
    template <class Field>
    void computed(const Field &) noexcept {
        ++index;
    }
    template <class Field>
    void defaulted(const std::optional<Field> &field) {
        if (field)
            (*this)(*field);
        else
            ++index;
    }
    template <class Field>
    void optional(const std::optional<Field> &field) {
        defaulted(field);
    }
};

/// Reads the fields from a dict of names and values, or by position.
struct plain_field_reader {
    const plain_value &from;
    bool by_place;
    const char *const *fields;
    const value_path &where;
    std::size_t index = 0;

    template <class Field>
    void operator()(Field &field) {
        const char *const name = fields[index];
        const plain_value *const value = find();
        if (value == nullptr)
            throw_wrong_type(where.field(name), "a value", "none: the field is missing");
        field = plain_converter<Field>::read(*value, where.field(name));
    }
    template <class Field>
    void computed(Field &field) {
        (*this)(field);
    }
    template <class Field>
    void defaulted(std::optional<Field> &field) {
        (*this)(field.emplace());
    }
    template <class Field>
    void optional(std::optional<Field> &field) {
        const char *const name = fields[index];
        if (const plain_value *const value = find())
            field = plain_converter<Field>::read(*value, where.field(name));
        else
            field.reset();
    }

private:
    const plain_value *find() noexcept {
        const std::size_t at = index++;
        if (!by_place)
            return field_of(from, fields[at]);
        return at < from.items.size() ? &from.items[at] : nullptr;
    }
};

template <class T>
struct plain_converter<T, std::enable_if_t<is_record<T>>> {
    using its = record<T>;
    static constexpr bool is_dict = std::is_base_of_v<typed_dict, its>;
    static constexpr bool is_tuple = std::is_base_of_v<named_tuple, its>;

    static void write(pickle_writer &to, const T &value, const value_path &where) {
        if constexpr (!is_dict) {
            to.helper("make");
            to.mark();
            to.global(its::module, its::name);
        }
        to.begin_dict();
        plain_field_writer writer{to, its::fields, where};
        its::visit(value, writer);
        to.end_dict();
        if constexpr (!is_dict)
            to.call();
    }

    static T read(const plain_value &value, const value_path &where) {
        T result{};
        const plain_value *fields = &value;
        if constexpr (is_dict) {
            if (value.what != plain_value::kind::dict)
                throw_wrong_plain(where, its::name, value);
        } else if constexpr (is_tuple) {
            if (value.what != plain_value::kind::tuple)
                throw_wrong_plain(where, its::name, value);
        } else {
            if (!value.is_tagged("record") || value.items.size() != 2 ||
                !is_of_class(value, its::name) || value.items[1].what != plain_value::kind::dict)
                throw_wrong_plain(where, its::name, value);
            fields = &value.items[1];
        }
        plain_field_reader reader{*fields, is_tuple, its::fields, where};
        its::visit(result, reader);
        return result;
    }
};

template <class T>
struct plain_converter<boxed<T>> {
    static void write(pickle_writer &to, const boxed<T> &value, const value_path &where) {
        if (value)
            plain_converter<T>::write(to, *value, where);
        else
            to.none();
    }
    static boxed<T> read(const plain_value &value, const value_path &where) {
        if (value.what == plain_value::kind::none)
            return {};
        return plain_converter<T>::read(value, where);
    }
};

template <class T, class Values>
std::size_t index_in(const T &value, const Values &values) noexcept {
    std::size_t index = 0;
    for (const T &one : values) {
        if (one == value)
            break;
        ++index;
    }
    return index;
}

template <class T>
struct plain_converter<T, std::enable_if_t<is_enumeration<T>>> {
    using its = enumeration<T>;
    using number = std::underlying_type_t<T>;
    static constexpr std::size_t count = sizeof(its::members) / sizeof(its::members[0]);

    static void write(pickle_writer &to, T value, const value_path &where) {
        const std::size_t index = index_in(value, its::values);
        if (!its::is_flag && index == count)
            throw_does_not_fit(where, std::to_string(static_cast<number>(value)), its::name);
        to.helper(its::is_flag ? "flag" : "member");
        to.mark();
        to.global(its::module, its::name);
        if constexpr (its::is_flag)
            plain_converter<number>::write(to, static_cast<number>(value), where);
        else
            to.text(its::members[index]);
        to.call();
    }

    static T read(const plain_value &value, const value_path &where) {
        if (!value.is_tagged("enum") || value.items.size() != 4 || !is_of_class(value, its::name))
            throw_wrong_plain(where, its::name, value);
        if constexpr (its::is_flag)
            return static_cast<T>(plain_converter<number>::read(value.items[2], where));
        const std::string_view member = text_of(value.items[1], where, its::name);
        for (std::size_t i = 0; i < count; ++i)
            if (member == its::members[i])
                return its::values[i];
        throw_wrong_type(where, its::name,
                         "its member " + std::string(member) + ", which this header does not know");
    }
};

template <class T>
struct plain_converter<T, std::enable_if_t<is_literal<T>>> {
    using its = literal<T>;
    static constexpr std::size_t count = sizeof(its::texts) / sizeof(its::texts[0]);

    static void write(pickle_writer &to, T value, const value_path &where) {
        const std::size_t index = index_in(value, its::values);
        if (index == count)
            throw_does_not_fit(where, std::to_string(static_cast<std::underlying_type_t<T>>(value)),
                               all_texts<T>().c_str());
        its::texts[index].visit([&](auto plain_one) {
            using type = decltype(plain_one);
            plain_converter<type>::write(to, plain_one, where);
        });
    }

    static T read(const plain_value &value, const value_path &where) {
        for (std::size_t i = 0; i < count; ++i) {
            bool same = false;
            its::texts[i].visit([&](auto plain_one) { same = is_same(value, plain_one); });
            if (same)
                return its::values[i];
        }
        throw_wrong_plain(where, all_texts<T>().c_str(), value);
    }

private:
    static bool is_same(const plain_value &value, std::string_view text) noexcept {
        return value.what == plain_value::kind::text && value.text == text;
    }
    static bool is_same(const plain_value &value, bool truth) noexcept {
        return value.what == plain_value::kind::boolean && value.truth == truth;
    }
    static bool is_same(const plain_value &value, long long number) noexcept {
        return value.what == plain_value::kind::integer && value.integer == number;
    }
    static bool is_same(const plain_value &value, std::nullptr_t) noexcept {
        return value.what == plain_value::kind::none;
    }
};

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/plain_records.ipp>
#endif
