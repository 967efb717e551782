// holdfast/isolated/plain_containers.hpp: standard containers to and from a worker.
//
// The tables are those of convert/containers.hpp, sets_and_arrays.hpp and variant.hpp.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <holdfast/convert/sets_and_arrays.hpp>
#include <holdfast/convert/variant.hpp>
#include <holdfast/isolated/plain_array.hpp>
#include <holdfast/isolated/plain_converter.hpp>

namespace holdfast::detail {

template <class T>
struct plain_converter<std::optional<T>> {
    static void write(pickle_writer &to, const std::optional<T> &value, const value_path &where) {
        if (value)
            plain_converter<T>::write(to, *value, where);
        else
            to.none();
    }
    static std::optional<T> read(const plain_value &value, const value_path &where) {
        static_assert(!is_view<T>, "take what owns its data, e.g. std::string");
        if (value.what == plain_value::kind::none)
            return std::nullopt;
        return plain_converter<T>::read(value, where);
    }
};

/// The items of a list or another iterable; null if the value is neither.
inline const std::vector<plain_value> *items_of(const plain_value &value) noexcept {
    switch (value.what) {
    case plain_value::kind::list:
    case plain_value::kind::tuple:
    case plain_value::kind::set:
        return &value.items;
    default:
        return value.is_tagged("keys") ? &value.items : nullptr;
    }
}

template <class T, class Allocator>
struct plain_converter<std::vector<T, Allocator>> {
    using vector = std::vector<T, Allocator>;

    static void write(pickle_writer &to, const vector &values, const value_path &where) {
        to.begin_list();
        for (std::size_t i = 0; i < values.size(); ++i)
            plain_converter<T>::write(to, values[i], where.element(i));
        to.end_list();
    }
    static vector read(const plain_value &value, const value_path &where) {
        static_assert(!is_view<T>, "take elements that own their data, e.g. std::string");
        vector values;
        if constexpr (is_integer<T> || std::is_same_v<T, double> || std::is_same_v<T, float>)
            if (read_numbers(value, values, where))
                return values;
        const std::vector<plain_value> *const items = items_of(value);
        if (items == nullptr)
            throw_wrong_plain(where, "list", value);
        values.reserve(items->size());
        for (const plain_value &item : *items)
            values.push_back(plain_converter<T>::read(item, where.element(values.size())));
        return values;
    }
};

template <class Map>
struct plain_map_converter {
    using key = typename Map::key_type;
    using mapped = typename Map::mapped_type;

    static void write(pickle_writer &to, const Map &values, const value_path &where) {
        std::size_t index = 0;
        to.begin_dict();
        for (const auto &[its_key, its_value] : values) {
            plain_converter<key>::write(to, its_key, where.element(index));
            plain_converter<mapped>::write(to, its_value, where.element(index++));
        }
        to.end_dict();
    }
    static Map read(const plain_value &value, const value_path &where) {
        static_assert(!is_view<key> && !is_view<mapped>,
                      "take keys and values that own their data, e.g. std::string");
        if (value.what != plain_value::kind::dict)
            throw_wrong_plain(where, "dict", value);
        Map values;
        for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) {
            const value_path here = where.element(i / 2);
            values.insert_or_assign(
                ordered<Map>(plain_converter<key>::read(value.items[i], here), here),
                plain_converter<mapped>::read(value.items[i + 1], here));
        }
        return values;
    }
};
template <class... Rest>
struct plain_converter<std::map<Rest...>> : plain_map_converter<std::map<Rest...>> {};
template <class... Rest>
struct plain_converter<std::unordered_map<Rest...>>
    : plain_map_converter<std::unordered_map<Rest...>> {};

/// The items of a tuple or list of that length.
inline const std::vector<plain_value> &items_of_length(const plain_value &value,
                                                       const value_path &where, const char *type,
                                                       std::size_t length) {
    const bool fits =
        value.what == plain_value::kind::tuple || value.what == plain_value::kind::list;
    if (!fits || value.items.size() != length) {
        const std::string wanted = std::string(type) + " of " + std::to_string(length);
        throw_wrong_type(
            where, wanted.c_str(),
            value.type_name() + (fits ? " of " + std::to_string(value.items.size()) : ""));
    }
    return value.items;
}

template <class Tuple, class... Elements>
struct plain_tuple_converter {
    static void write(pickle_writer &to, const Tuple &values, const value_path &where) {
        to.mark();
        write_all(to, values, where, std::index_sequence_for<Elements...>());
        to.end_tuple();
    }
    static Tuple read(const plain_value &value, const value_path &where) {
        static_assert((!is_view<Elements> && ...),
                      "take elements that own their data, e.g. std::string");
        return read_all(items_of_length(value, where, "tuple", sizeof...(Elements)), where,
                        std::index_sequence_for<Elements...>());
    }

private:
    template <std::size_t... I>
    static void write_all(pickle_writer &to, const Tuple &values, const value_path &where,
                          std::index_sequence<I...>) {
        (void)values, (void)where;  // unused for an empty tuple
        (plain_converter<Elements>::write(to, std::get<I>(values), where.element(I)), ...);
    }
    template <std::size_t... I>
    static Tuple read_all(const std::vector<plain_value> &items, const value_path &where,
                          std::index_sequence<I...>) {
        (void)items, (void)where;  // unused for an empty tuple
        return Tuple{plain_converter<Elements>::read(items[I], where.element(I))...};
    }
};
template <class First, class Second>
struct plain_converter<std::pair<First, Second>>
    : plain_tuple_converter<std::pair<First, Second>, First, Second> {};
template <class... Elements>
struct plain_converter<std::tuple<Elements...>>
    : plain_tuple_converter<std::tuple<Elements...>, Elements...> {};

template <class Set>
struct plain_set_converter {
    using element = typename Set::value_type;

    static void write(pickle_writer &to, const Set &values, const value_path &where) {
        to.begin_set();
        write_items(to, values, where);
        to.end_set();
    }
    static Set read(const plain_value &value, const value_path &where) {
        static_assert(!is_view<element>, "take elements that own their data, e.g. std::string");
        if (value.what != plain_value::kind::set && !value.is_tagged("keys"))
            throw_wrong_plain(where, "set", value);
        Set values;
        for (const plain_value &item : value.items)
            values.insert(ordered<Set>(plain_converter<element>::read(item, where), where));
        return values;
    }

protected:
    static void write_items(pickle_writer &to, const Set &values, const value_path &where) {
        std::size_t index = 0;
        for (const element &value : values)
            plain_converter<element>::write(to, value, where.element(index++));
    }
};
template <class... Rest>
struct plain_converter<std::set<Rest...>> : plain_set_converter<std::set<Rest...>> {};
template <class... Rest>
struct plain_converter<std::unordered_set<Rest...>>
    : plain_set_converter<std::unordered_set<Rest...>> {};
template <class T>
struct plain_converter<frozen_set<T>> : plain_set_converter<frozen_set<T>> {
    static void write(pickle_writer &to, const frozen_set<T> &values, const value_path &where) {
        to.mark();
        plain_set_converter<frozen_set<T>>::write_items(to, values, where);
        to.end_frozenset();
    }
};

template <class T, std::size_t Size>
struct plain_converter<std::array<T, Size>> {
    static void write(pickle_writer &to, const std::array<T, Size> &values,
                      const value_path &where) {
        to.begin_list();
        for (std::size_t i = 0; i < Size; ++i)
            plain_converter<T>::write(to, values[i], where.element(i));
        to.end_list();
    }
    static std::array<T, Size> read(const plain_value &value, const value_path &where) {
        static_assert(!is_view<T>, "take elements that own their data, e.g. std::string");
        const std::vector<plain_value> &items = items_of_length(value, where, "list", Size);
        std::array<T, Size> values{};
        for (std::size_t i = 0; i < Size; ++i)
            values[i] = plain_converter<T>::read(items[i], where.element(i));
        return values;
    }
};

template <class T>
struct plain_converter<variadic_tuple<T>> {
    static void write(pickle_writer &to, const variadic_tuple<T> &values, const value_path &where) {
        to.mark();
        for (std::size_t i = 0; i < values.size(); ++i)
            plain_converter<T>::write(to, values[i], where.element(i));
        to.end_tuple();
    }
    static variadic_tuple<T> read(const plain_value &value, const value_path &where) {
        return plain_converter<std::vector<T>>::read(value, where);
    }
};

/// Whether a value has exactly the type that T stands for.
template <class T>
bool is_exactly(const plain_value &value) noexcept {
    using kind = plain_value::kind;
    if constexpr (std::is_same_v<T, bool>)
        return value.what == kind::boolean;
    else if constexpr (is_integer<T>)
        return value.what == kind::integer || value.what == kind::large_integer;
    else if constexpr (std::is_floating_point_v<T>)
        return value.what == kind::real;
    else if constexpr (std::is_same_v<T, std::string>)
        return value.what == kind::text;
    else if constexpr (std::is_same_v<T, bytes>)
        return value.what == kind::bytes;
    else if constexpr (std::is_same_v<T, std::nullptr_t>)
        return value.what == kind::none;
    else
        return false;
}

template <class... Alternatives>
struct plain_converter<std::variant<Alternatives...>> {
    using variant = std::variant<Alternatives...>;

    static void write(pickle_writer &to, const variant &value, const value_path &where) {
        std::visit(
            [&](const auto &held) {
                plain_converter<plain<decltype(held)>>::write(to, held, where);
            },
            value);
    }
    static variant read(const plain_value &value, const value_path &where) {
        static_assert((!is_view<Alternatives> && ...), "take what owns its data, e.g. std::string");
        std::optional<variant> found;
        (void)((is_exactly<Alternatives>(value) && attempt<Alternatives>(value, where, found)) ||
               ...);
        if (!found)
            (void)(attempt<Alternatives>(value, where, found) || ...);
        if (!found)
            throw_wrong_plain(where, "one of the union's types", value);
        return std::move(*found);
    }

private:
    template <class T>
    static bool attempt(const plain_value &value, const value_path &where,
                        std::optional<variant> &found) {
        try {
            found.emplace(std::in_place_type<T>, plain_converter<T>::read(value, where));
            return true;
        } catch (const conversion_error &) {
            return false;
        }
    }
};

}  // namespace holdfast::detail
