// holdfast/convert/buffer.hpp: arrays and other memory, in both directions, without a copy.
//
// The table:
//
//   C++                       Python, to         Python, from
//   array_view<T, Rank>       numpy.ndarray      any object with the buffer protocol and elements
//                                                of type T
//   memory_view               memoryview         any contiguous object with the buffer protocol
//
// array_view<const T> and memory_view are read-only; array_view<T> and writable_memory_view refuse
// read-only memory. Compiling does not need numpy; at run time an array_view needs it to become an
// array.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <holdfast/convert/array_view.hpp>
#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/element.hpp>
#include <holdfast/convert/exported.hpp>
#include <holdfast/convert/variant.hpp>
#include <holdfast/error.hpp>

namespace holdfast {

/// Bytes in memory that other code owns. It keeps the owner alive, as an array_view does.
///
/// Byte is std::byte, or const std::byte for read-only memory.
///
/// Threads: the same as an array_view.
template <class Byte>
class basic_memory_view {
public:
    basic_memory_view() = default;
    /// Memory that `owner` keeps in place; nullptr has the same meaning as for array_view.
    /// \throws usage_error  HF410 a null pointer to one byte or more
    basic_memory_view(Byte *data, std::size_t size, std::shared_ptr<const void> owner)
        : data_(data), size_(size), keeper_(std::move(owner)) {
        if ((data == nullptr && size != 0) || size > static_cast<std::size_t>(PY_SSIZE_T_MAX))
            throw usage_error("HF410",
                              "wanted contiguous memory, found " +
                                  std::string(data == nullptr ? "a null pointer with " : "") +
                                  std::to_string(size) + " bytes",
                              "pass the address of that many bytes");
    }
    /// Takes over the string.
    explicit basic_memory_view(std::string &&text) {
        auto kept = std::make_shared<std::string>(std::move(text));
        data_ = reinterpret_cast<Byte *>(kept->data());
        size_ = kept->size();
        keeper_ = std::move(kept);
    }

    basic_memory_view(const basic_memory_view &) = default;
    basic_memory_view &operator=(const basic_memory_view &) = default;
    /// Leaves an empty view.
    basic_memory_view(basic_memory_view &&other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          keeper_(std::move(other.keeper_)) {}
    basic_memory_view &operator=(basic_memory_view &&other) noexcept {
        if (this != &other) {
            data_ = std::exchange(other.data_, nullptr);
            size_ = std::exchange(other.size_, 0);
            keeper_ = std::move(other.keeper_);
        }
        return *this;
    }
    ~basic_memory_view() = default;

    [[nodiscard]] Byte *data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] Byte *begin() const noexcept { return data_; }
    [[nodiscard]] Byte *end() const noexcept { return data_ + size_; }
    /// The bytes as characters, valid as long as the view lives.
    [[nodiscard]] std::string_view text() const noexcept {
        return {reinterpret_cast<const char *>(data_), size_};
    }

private:
    template <class, class>
    friend struct detail::converter;

    Byte *data_ = nullptr;
    std::size_t size_ = 0;
    std::shared_ptr<const void> keeper_;
};

using memory_view = basic_memory_view<const std::byte>;
using writable_memory_view = basic_memory_view<std::byte>;

namespace detail {

/// \param has_failed  whether the object's exception is set.
[[noreturn]] HOLDFAST_DETAIL_COLD inline void throw_no_buffer(PyObject *value,
                                                              const value_path &where,
                                                              const std::string &wanted,
                                                              bool has_failed) {
    if (!has_failed)
        throw_wrong_type(where, wanted.c_str(), value);
    owned problem(take_exception());
    if (!is_about_value(problem.get())) {
        set_exception(problem.release());
        throw_python_error();
    }
    throw_wrong_type(
        where, wanted.c_str(),
        name_of_type(Py_TYPE(value)) + " that gives no buffer: " + message_of(problem.get()));
}

/// A memoryview of any object with the buffer protocol. It holds the buffer, and any thread can
/// drop it.
template <class Describe>
owned take_buffer(PyObject *value, const value_path &where, Describe describe) {
    const bool may_have = PyObject_CheckBuffer(value) != 0;
    owned view(may_have ? PyMemoryView_FromObject(value) : nullptr);
    if (!view)
        throw_no_buffer(value, where, describe(), may_have);
    return view;
}

/// "numpy.ndarray of int32 with shape (3, 4), read-only"
HOLDFAST_DETAIL_COLD inline std::string describe_buffer(PyObject *value, const Py_buffer &buffer,
                                                        bool with_strides) {
    const element its = element_of_format(buffer.format, static_cast<std::size_t>(buffer.itemsize));
    std::string text = name_of_type(Py_TYPE(value)) + " of ";
    text += its.kind != 0 ? its.name() : "format '" + std::string(buffer.format) + '\'';
    text += " with shape " + text_of_shape(buffer.shape, buffer.ndim);
    if (with_strides)
        text += " and strides " + text_of_shape(buffer.strides, buffer.ndim);
    return text + (buffer.readonly != 0 ? ", read-only" : "");
}

template <class T, int Rank, class Layout>
inline constexpr bool takes_buffer<array_view<T, Rank, Layout>> = true;
template <class Byte>
inline constexpr bool takes_buffer<basic_memory_view<Byte>> = true;

template <class T, int Rank, class Layout>
struct converter<array_view<T, Rank, Layout>> {
    using view = array_view<T, Rank, Layout>;
    static constexpr const char *wanted = "array";

    static PyObject *to_python(const view &value, const value_path &where) {
        if (value.block_.is_missing())
            throw_wrong_type(where, view::description().c_str(), "an empty holdfast::array_view");
        static lookup_cache cache;
        static constexpr callee as_array{"", "numpy", "asarray", "()"};
        PyObject *const function = cache.find(attached_ref(), as_array, 0).callable;
        const owned memory = export_memory(value.block_, value.keeper_);
        return memory ? PyObject_CallOneArg(function, memory.get()) : nullptr;
    }

    static view from_python(PyObject *value, const value_path &where) {
        using plain_element = std::remove_const_t<T>;
        owned taken = take_buffer(value, where, &view::description);
        const Py_buffer &buffer = *PyMemoryView_GET_BUFFER(taken.get());
        const element its =
            element_of_format(buffer.format, static_cast<std::size_t>(buffer.itemsize));
        layout block;
        block.data = buffer.buf;
        block.rank = buffer.ndim;
        block.element_size = buffer.itemsize;
        block.format = format_of<plain_element>();
        block.read_only = std::is_const_v<T>;
        bool fits = its == element_of<plain_element>() &&
                    (Rank == any_rank || Rank == buffer.ndim) && buffer.ndim <= most_dimensions &&
                    (std::is_const_v<T> || buffer.readonly == 0) && buffer.suboffsets == nullptr &&
                    is_aligned(reinterpret_cast<std::uintptr_t>(buffer.buf));
        for (int i = 0; fits && i < buffer.ndim; ++i) {
            block.shape[i] = buffer.shape[i];
            block.strides[i] = buffer.strides[i];
            fits =
                is_aligned(static_cast<std::uintptr_t>(buffer.strides[i])) || buffer.shape[i] < 2;
        }
        const bool rows = std::is_same_v<Layout, row_major>;
        if (!fits || (rows && !block.is_contiguous()))
            throw_wrong_type(where, view::description().c_str(),
                             describe_buffer(value, buffer, rows || its.kind != 0));
        return view(block, std::make_shared<const object>(object::steal(taken.release())));
    }

private:
    static bool is_aligned(std::uintptr_t distance) noexcept { return distance % alignof(T) == 0; }
};

template <class Byte>
struct converter<basic_memory_view<Byte>> {
    using view = basic_memory_view<Byte>;
    static constexpr bool reads = std::is_const_v<Byte>;
    static constexpr const char *wanted =
        reads ? "contiguous memory" : "contiguous memory, writable";

    static PyObject *to_python(const view &value, const value_path &) {
        layout block;
        block.data = const_cast<std::byte *>(value.data_);
        block.rank = 1;
        block.shape[0] = static_cast<Py_ssize_t>(value.size_);
        block.strides[0] = 1;
        block.read_only = reads;
        const owned memory = export_memory(block, value.keeper_);
        return memory ? PyMemoryView_FromObject(memory.get()) : nullptr;
    }

    static view from_python(PyObject *value, const value_path &where) {
        owned taken = take_buffer(value, where, [] { return std::string(wanted); });
        const Py_buffer &buffer = *PyMemoryView_GET_BUFFER(taken.get());
        if (PyBuffer_IsContiguous(&buffer, 'C') == 0 || (!reads && buffer.readonly != 0))
            throw_wrong_type(where, wanted, describe_buffer(value, buffer, true));
        return view(static_cast<Byte *>(buffer.buf), static_cast<std::size_t>(buffer.len),
                    std::make_shared<const object>(object::steal(taken.release())));
    }
};

}  // namespace detail

}  // namespace holdfast
