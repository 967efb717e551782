// holdfast/convert/array_view.hpp: numbers in memory that other code owns, with a shape.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>
#if __cplusplus >= 202002L
#include <span>
#endif

#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/element.hpp>
#include <holdfast/convert/exported.hpp>
#include <holdfast/error.hpp>
#include <holdfast/platform/attributes.hpp>

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

}  // namespace holdfast
