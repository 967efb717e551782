// holdfast/isolated/plain_array.hpp: arrays and memory to and from a worker.
//
// A worker gets a copy: what Python writes to it does not reach the host. The types are declared
// here and defined in convert/buffer.hpp, which only hosts with arrays include.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <holdfast/convert/element.hpp>
#include <holdfast/isolated/plain_converter.hpp>

namespace holdfast {

template <class T, int Rank, class Layout>
class array_view;
template <class Byte>
class basic_memory_view;

namespace detail {

/// Numbers that a worker returned: bytes, or an array.
struct plain_numbers {
    element of{0, 0};
    std::vector<std::size_t> shape;
    std::string_view data;
    const answer_buffer *buffer = nullptr;  // the one that contains all the data, if there is one
};

/// \return false if the value is neither an array nor bytes.
/// \throws malformed_answer  shape and size do not match.
bool numbers_of(const plain_value &value, plain_numbers &found);

/// "float64" as numpy writes it to bytes: "f8".
std::string code_of(element of);

template <class To, class From>
void append_numbers(To &values, std::string_view data) {
    for (std::size_t at = 0; at + sizeof(From) <= data.size(); at += sizeof(From)) {
        From number{};
        std::memcpy(&number, data.data() + at, sizeof number);
        values.push_back(static_cast<typename To::value_type>(number));
    }
}

/// Fills a vector from an array of the same kind of numbers. False: it is not one.
template <class Vector>
bool read_numbers(const plain_value &value, Vector &values, const value_path &where) {
    using number = typename Vector::value_type;
    plain_numbers found;
    if (!value.is_tagged("array") || !numbers_of(value, found) || found.shape.size() != 1)
        return false;
    if (found.of == element_of<number>()) {
        values.resize(found.shape[0]);
        if (!values.empty())
            std::memcpy(values.data(), found.data.data(), found.data.size());
    } else if (std::is_floating_point_v<number> && found.of == element{'f', 4}) {
        append_numbers<Vector, float>(values, found.data);
    } else if (std::is_same_v<number, double> && found.of == element{'i', 8}) {
        append_numbers<Vector, std::int64_t>(values, found.data);
    } else {
        throw_wrong_type(where, ("array of " + element_of<number>().name()).c_str(),
                         "array of " + found.of.name());
    }
    return true;
}

template <class T, int Rank, class Layout>
struct plain_converter<array_view<T, Rank, Layout>> {
    using view = array_view<T, Rank, Layout>;
    using number = std::remove_const_t<T>;

    static void write(pickle_writer &to, const view &value, const value_path &where) {
        if (value.block_.is_missing())
            throw_wrong_type(where, view::description().c_str(), "an empty holdfast::array_view");
        to.helper("as_array");
        to.mark();
        to.text(code_of(element_of<number>()));
        to.mark();
        for (int i = 0; i < value.rank(); ++i)
            to.unsigned_integer(value.shape(i));
        to.end_tuple();
        auto *next = static_cast<char *>(to.memory(value.size() * sizeof(T), std::is_const_v<T>));
        if (value.size() == 0) {
        } else if (value.is_contiguous()) {
            std::memcpy(next, value.data(), value.size() * sizeof(T));
        } else {
            copy_rows(value, reinterpret_cast<const char *>(value.data()), 0, next);
        }
        to.call();
    }

    static view read(const plain_value &value, const value_path &where) {
        plain_numbers found;
        if (!numbers_of(value, found) || !(found.of == element_of<number>()) ||
            (view::fixed_rank >= 0 &&
             static_cast<std::size_t>(view::fixed_rank) != found.shape.size()))
            throw_wrong_plain(where, view::description().c_str(), value);
        if (found.buffer != nullptr)
            return view::of_shape(reinterpret_cast<number *>(found.buffer->data.get()), found.shape,
                                  found.buffer->data);
        std::shared_ptr<number[]> kept(new number[found.data.size() / sizeof(T) + 1]);
        if (!found.data.empty())
            std::memcpy(static_cast<void *>(kept.get()), found.data.data(), found.data.size());
        number *const data = kept.get();
        return view::of_shape(data, found.shape, std::move(kept));
    }

private:
    static void copy_rows(const view &value, const char *from, int dimension, char *&next) {
        if (dimension == value.rank()) {
            std::memcpy(next, from, sizeof(T));
            next += sizeof(T);
            return;
        }
        for (std::size_t i = 0; i < value.shape(dimension); ++i)
            copy_rows(value, from + static_cast<std::ptrdiff_t>(i) * value.stride(dimension),
                      dimension + 1, next);
    }
};

template <class Byte>
struct plain_converter<basic_memory_view<Byte>> {
    using view = basic_memory_view<Byte>;

    static void write(pickle_writer &to, const view &value, const value_path &) {
        to.global("builtins", "memoryview");
        to.mark();
        void *const next = to.memory(value.size(), std::is_const_v<Byte>);
        if (value.size() != 0)
            std::memcpy(next, value.data(), value.size());
        to.call();
    }
    static view read(const plain_value &value, const value_path &where) {
        plain_numbers found;
        if (!numbers_of(value, found))
            throw_wrong_plain(where, "contiguous memory", value);
        if (found.buffer != nullptr)
            return view(reinterpret_cast<Byte *>(found.buffer->data.get()), found.buffer->size,
                        found.buffer->data);
        return view(std::string(found.data));
    }
};

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/plain_array.ipp>
#endif
