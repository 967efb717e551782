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
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>
#if __cplusplus >= 202002L
#include <span>
#endif

#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/element.hpp>
#include <holdfast/convert/exported.hpp>
#include <holdfast/convert/variant.hpp>
#include <holdfast/error.hpp>

namespace holdfast {

namespace detail {
template <class T, class>
struct plain_converter;
}  // namespace detail

/// For an array_view: any number of dimensions up to 8.
inline constexpr int any_rank = -1;

/// Elements may be anywhere: slices and transposed arrays are accepted unchanged.
struct strided {};
/// Rows follow each other without gaps; data() is a plain C array.
struct row_major {};

/// Numbers in memory that other code owns, with a shape. It keeps the owner alive.
///
/// From Python it keeps the Python object alive, and its memory in place, until the last copy of
/// the view is destroyed. From C++ it holds the owner that it was given, and Python in turn holds
/// that.
///
/// Owns:    a share of the owner.
/// Threads: copy, move and destroy on any thread, attached or not. The elements are read and
///          written without a lock; if Python or another thread writes them at the same time, that
///          is a race.
template <class T, int Rank = any_rank, class Layout = strided>
class array_view {
    static_assert(Rank == any_rank || (Rank >= 0 && Rank <= detail::most_dimensions),
                  "0 to 8 dimensions");

public:
    using value_type = std::remove_const_t<T>;

    /// An empty view.
    array_view() noexcept : array_view(nullptr, {}) {}

    /// Takes over the vector: one dimension, or the given `shape`. \throws usage_error HF410
    array_view(std::vector<value_type> &&values) : array_view(std::move(values), {}) {}
    array_view(std::vector<value_type> &&values, std::initializer_list<std::size_t> shape) {
        static_assert(!std::is_same_v<value_type, bool>,
                      "std::vector<bool> is not an array: use std::vector<char>");
        auto kept = std::make_shared<std::vector<value_type>>(std::move(values));
        const std::size_t count = kept->size();
        set(kept->data(), shape, &count);
        keeper_ = std::move(kept);
    }

    /// Memory that `owner` keeps in place, row by row.
    ///
    /// For memory that has no owner to share, such as a static array, pass nullptr. It must then
    /// stay in place as long as Python has any object that came from the view, which holdfast
    /// cannot check.
    /// \throws usage_error  HF410
    array_view(T *data, std::initializer_list<std::size_t> shape, std::shared_ptr<const void> owner)
        : keeper_(std::move(owner)) {
        set(data, shape, nullptr);
    }

    array_view(const array_view &) = default;
    array_view &operator=(const array_view &) = default;
    /// Leaves an empty view.
    array_view(array_view &&other) noexcept
        : block_(other.block_), keeper_(std::move(other.keeper_)) {
        other.block_.make_empty();
    }
    array_view &operator=(array_view &&other) noexcept {
        if (this != &other) {
            block_ = other.block_;
            keeper_ = std::move(other.keeper_);
            other.block_.make_empty();
        }
        return *this;
    }
    ~array_view() = default;

    [[nodiscard]] T *data() const noexcept { return static_cast<T *>(block_.data); }
    /// The total number of elements; 0 for an empty view of any rank.
    [[nodiscard]] std::size_t size() const noexcept {
        return block_.is_missing() ? 0 : static_cast<std::size_t>(block_.size());
    }
    [[nodiscard]] int rank() const noexcept { return block_.rank; }
    [[nodiscard]] std::size_t shape(int dimension) const noexcept {
        return static_cast<std::size_t>(block_.shape[dimension]);
    }
    /// The distance between two elements of a dimension, in bytes; may be negative.
    [[nodiscard]] std::ptrdiff_t stride(int dimension) const noexcept {
        return block_.strides[dimension];
    }
    [[nodiscard]] bool is_contiguous() const noexcept { return block_.is_contiguous(); }

    /// The element at these indices, one per dimension. Not checked.
    template <class... Index>
    T &operator()(Index... index) const noexcept {
        static_assert(Rank == any_rank || sizeof...(Index) == static_cast<std::size_t>(Rank),
                      "one index per dimension");
        std::ptrdiff_t offset = 0;
        int dimension = 0;
        ((offset += static_cast<std::ptrdiff_t>(index) * block_.strides[dimension++]), ...);
        using byte = std::conditional_t<std::is_const_v<T>, const char, char>;
        return *reinterpret_cast<T *>(static_cast<byte *>(block_.data) + offset);
    }

    /// All elements in order. Only for a row_major view, which contiguous() returns.
    template <class L = Layout, std::enable_if_t<std::is_same_v<L, row_major>, int> = 0>
    [[nodiscard]] T *begin() const noexcept {
        return data();
    }
    template <class L = Layout, std::enable_if_t<std::is_same_v<L, row_major>, int> = 0>
    [[nodiscard]] T *end() const noexcept {
        return data() + size();
    }

    /// The same memory, known to be contiguous. \throws usage_error HF410 if it is not; names the
    /// strides
    [[nodiscard]] array_view<T, Rank, row_major> contiguous() const {
        return array_view<T, Rank, row_major>(checked(block_, true), keeper_);
    }

    /// The same memory, known to have this many dimensions. \throws usage_error HF410
    template <int Wanted>
    [[nodiscard]] array_view<T, Wanted, Layout> as_rank() const {
        return array_view<T, Wanted, Layout>(array_view<T, Wanted, Layout>::checked(block_, false),
                                             keeper_);
    }

#if __cplusplus >= 202002L
    /// All elements in order, valid as long as the view lives. \throws usage_error HF410 not
    /// contiguous
    [[nodiscard]] std::span<T> span() const {
        const auto rows = contiguous();
        return {rows.data(), rows.size()};
    }
#endif

    /// "array of float64 of 2 dimensions, writable": the wanted type, for error messages.
    [[nodiscard]] static std::string description() {
        std::string text = "array of " + detail::element_of<value_type>().name();
        if (Rank != any_rank)
            text += std::string(" of ") + static_cast<char>('0' + Rank) +
                    (Rank == 1 ? " dimension" : " dimensions");
        if (std::is_same_v<Layout, row_major>)
            text += ", contiguous";
        return text + (std::is_const_v<T> ? "" : ", writable");
    }

private:
    template <class, int, class>
    friend class array_view;
    template <class, class>
    friend struct detail::converter;
    template <class, class>
    friend struct detail::plain_converter;

    static constexpr int fixed_rank = Rank;

    /// Row by row, with at most as many dimensions as the buffer protocol has.
    static array_view of_shape(T *data, const std::vector<std::size_t> &shape,
                               std::shared_ptr<const void> keeper) noexcept {
        array_view made;
        made.block_.rank = 0;
        for (const std::size_t length : shape)
            made.block_.shape[made.block_.rank++] = static_cast<Py_ssize_t>(length);
        made.finish(data);
        made.keeper_ = std::move(keeper);
        return made;
    }

    array_view(const detail::layout &block, std::shared_ptr<const void> keeper) noexcept
        : block_(block), keeper_(std::move(keeper)) {}
    array_view(std::nullptr_t, std::initializer_list<std::size_t>) noexcept {
        block_.rank = Rank == any_rank ? 1 : Rank;
        finish(nullptr);
    }

    void finish(T *data) noexcept {
        block_.data = const_cast<value_type *>(data);
        block_.element_size = static_cast<Py_ssize_t>(sizeof(T));
        block_.format = detail::format_of<value_type>();
        block_.read_only = std::is_const_v<T>;
        block_.make_contiguous();
    }

    /// \param count  how many elements there are, if that is known.
    void set(T *data, std::initializer_list<std::size_t> shape, const std::size_t *count) {
        if (shape.size() > static_cast<std::size_t>(detail::most_dimensions))
            refuse("a shape of " + std::to_string(shape.size()) + " dimensions");
        // A step over a whole dimension must be a Py_ssize_t, too, even if another one is empty.
        std::size_t room = static_cast<std::size_t>(PY_SSIZE_T_MAX) / sizeof(T);
        const auto add = [&](std::size_t length) {
            if (length > room)
                refuse("a shape of more elements than memory has");
            room /= length != 0 ? length : 1;
            block_.shape[block_.rank++] = static_cast<Py_ssize_t>(length);
        };
        for (const std::size_t length : shape)
            add(length);
        if (count != nullptr && shape.size() == 0)
            add(*count);
        finish(data);
        const auto wanted = static_cast<std::size_t>(block_.size());
        if ((Rank != any_rank && Rank != block_.rank) || (count != nullptr && wanted != *count))
            refuse_shape(std::to_string(count != nullptr ? *count : wanted) + " elements");
        if (block_.is_missing())
            refuse_shape("a null pointer");
    }

    [[noreturn]] HOLDFAST_DETAIL_COLD void refuse_shape(const std::string &what) const {
        refuse(what + " with shape " + detail::text_of_shape(block_.shape, block_.rank));
    }

    static const detail::layout &checked(const detail::layout &block, bool contiguous) {
        if (Rank != any_rank && Rank != block.rank)
            refuse("an array with shape " + detail::text_of_shape(block.shape, block.rank));
        if (contiguous && !block.is_contiguous())
            refuse("an array with shape " + detail::text_of_shape(block.shape, block.rank) +
                   " and strides " + detail::text_of_shape(block.strides, block.rank));
        return block;
    }

    [[noreturn]] HOLDFAST_DETAIL_COLD static void refuse(const std::string &found) {
        throw usage_error(
            "HF410", "wanted " + description() + ", found " + found,
            "let Python copy it, e.g. by numpy.ascontiguousarray(), or give the shape it has");
    }

    detail::layout block_;
    std::shared_ptr<const void> keeper_;
};

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
