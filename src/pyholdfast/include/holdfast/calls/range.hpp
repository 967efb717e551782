// holdfast/calls/range.hpp: Python's iterators and generators as input ranges, and the reverse.
//
//   for (const std::string &line : log.lines("today"))     // -> Iterator[str]
//
// Items are taken in chunks, so that one attach serves many items. A chunk grows while Python
// delivers items quickly, and ends early when Python is slow, so a generator may run some items
// ahead of the loop. With chunk(1) each item is taken when it is needed.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <holdfast/calls/taken_items.hpp>
#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/native_iterator.hpp>
#include <holdfast/error.hpp>

namespace holdfast {

/// An input range: it can be iterated once.
///
/// From Python: any iterable. It attaches if necessary to take items, and throws a Python exception
/// where the item would have come. To Python: an iterator.
///
/// Copies share the position.
///
/// Threads: one at a time; any thread may destroy it, attached or not.
template <class T>
class range {
    static_assert(!detail::is_view<T>, "take items that own their data, e.g. std::string");

public:
    using value_type = T;

    /// An empty range.
    range() : items_(std::make_shared<detail::taken_items<T>>()) {}
    range(std::vector<T> values) : range(detail::vector_source<T>{std::move(values)}) {}
    /// \param source  returns the next item as std::optional<T>, or nothing at the end. Python may
    ///                call and destroy it on any thread, attached; one thread at a time.
    template <class Source,
              std::enable_if_t<std::is_invocable_r_v<std::optional<T>, Source &>, int> = 0>
    range(Source source)
        : items_(std::make_shared<detail::sourced_items<T, Source>>(std::move(source))) {}

    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = T *;
        using reference = T &;

        iterator() = default;
        [[nodiscard]] reference operator*() const noexcept { return *item_; }
        pointer operator->() const noexcept { return &*item_; }
        iterator &operator++() {
            items_->advance(item_, site_);
            return *this;
        }
        void operator++(int) { ++*this; }
        /// Compares only whether both are at the end.
        friend bool operator==(const iterator &a, const iterator &b) noexcept {
            return a.item_.has_value() == b.item_.has_value();
        }
        friend bool operator!=(const iterator &a, const iterator &b) noexcept { return !(a == b); }

    private:
        friend class range;
        iterator(std::shared_ptr<detail::taken_items<T>> items, call_site site)
            : items_(std::move(items)), site_(site), item_(items_->next(site)) {}

        std::shared_ptr<detail::taken_items<T>> items_;
        call_site site_ = call_site::at(nullptr, 0);
        mutable std::optional<T> item_;
    };

    /// \throws python_error, conversion_error, closed_error; so does ++.
    [[nodiscard]] iterator begin(call_site site = call_site::current()) const {
        return iterator(items_, site);
    }
    [[nodiscard]] iterator end() const noexcept { return {}; }

    /// The next item; nothing at the end. \throws python_error, conversion_error, closed_error
    std::optional<T> next(call_site site = call_site::current()) const {
        return items_->next(site);
    }

    /// Takes at most this many items ahead (default 1024). With 1, each item is taken when it is
    /// needed.
    range &chunk(std::size_t most) {
        items_->most = most > 0 ? most : 1;
        items_->chunk = items_->chunk < items_->most ? items_->chunk : items_->most;
        return *this;
    }

private:
    template <class, class>
    friend struct detail::converter;
    template <class, class, class>
    friend class generator;

    std::shared_ptr<detail::taken_items<T>> items_;
};

/// A generator that accepts values or returns one. Each item is taken when it is needed.
///
///     holdfast::generator<double, double, std::string> g = app.average();    // Generator[float, float, str]
///     g.next(), g.send(2.5), ..., g.result()
///
/// Threads: one at a time; any thread may destroy it, attached or not.
template <class Yield, class Send = std::nullptr_t, class Return = std::nullptr_t>
class generator {
public:
    generator() = default;

    [[nodiscard]] auto begin(call_site site = call_site::current()) const {
        return range_.begin(site);
    }
    [[nodiscard]] auto end() const noexcept { return range_.end(); }

    /// The next item; nothing at the end. \throws python_error, conversion_error, closed_error
    std::optional<Yield> next(call_site site = call_site::current()) const {
        return range_.next(site);
    }

    /// Sends `value` to the generator, and takes the next item; nothing at the end. Python refuses a
    /// value before the first next(), with a TypeError.
    /// \throws python_error, conversion_error, closed_error
    std::optional<Yield> send(const Send &value, call_site site = call_site::current()) const {
        detail::taken_items<Yield> &items = *range_.items_;
        if (items.finished || !items.iterator)
            return std::nullopt;
        const attach_guard attached(items.iterator.view(), site);
        static constexpr detail::callee call{"", "", "send", "()"};
        const detail::owned sent = detail::demand(detail::converter<Send>::to_python(
            value, detail::value_path::argument(call, nullptr, 1)));
        items.take(sent.get(), site);
        return items.items.empty() ? std::nullopt : items.next(site);
    }

    /// The generator's return value. \throws usage_error HF411 it has not returned;
    /// conversion_error, closed_error
    [[nodiscard]] Return result(call_site site = call_site::current()) const {
        const detail::taken_items<Yield> &items = *range_.items_;
        if (!items.returned)
            throw usage_error("HF411", "the generator has not returned yet",
                              "take its items until there are none");
        const attach_guard attached(items.returned.view(), site);
        const detail::callee call{"", "", items.called.c_str(), ""};
        return detail::owned_from_python<Return>(items.returned.get(),
                                                 detail::value_path::result(call, nullptr));
    }

    /// Ends the generator, which runs its `finally` blocks. \throws python_error, closed_error
    void close(call_site site = call_site::current()) const {
        detail::taken_items<Yield> &items = *range_.items_;
        if (!items.iterator)
            return;
        items.finished = true;
        const attach_guard attached(items.iterator.view(), site);
        (void)detail::demand(PyObject_CallMethod(items.iterator.get(), "close", nullptr));
    }

private:
    template <class, class>
    friend struct detail::converter;

    range<Yield> range_;
};

namespace detail {

/// A range, as a source of items for Python.
template <class T>
class range_source final : public item_source {
public:
    explicit range_source(range<T> items) : items_(std::move(items)) {}
    PyObject *next() override {
        const std::optional<T> item = items_.next();
        if (!item)
            return nullptr;
        static constexpr callee call{"", "", "holdfast.iterator", ""};
        return converter<T>::to_python(*item, value_path::result(call, nullptr));
    }

private:
    range<T> items_;
};

template <class T>
struct converter<range<T>> {
    static constexpr const char *wanted = "iterable";

    static PyObject *to_python(const range<T> &value, const value_path &where) {
        const taken_items<T> &items = *value.items_;
        if (items.iterator && items.at == items.items.size() && !items.error)
            return converter<object>::to_python(items.iterator, where);
        return make_native_iterator(std::make_unique<range_source<T>>(value));
    }

    static range<T> from_python(PyObject *value, const value_path &where) {
        PyObject *const iterator = PyObject_GetIter(value);
        if (iterator == nullptr) {
            if (PyErr_ExceptionMatches(PyExc_TypeError) == 0)
                throw_python_error();
            PyErr_Clear();
            throw_wrong_type(where, wanted, value);
        }
        range<T> result;
        taken_items<T> &items = *result.items_;
        items.iterator = object::steal(iterator);
        items.finished = false;
        items.called = name_of(where);
        return result;
    }

private:
    HOLDFAST_DETAIL_COLD static std::string name_of(const value_path &where) {
        // The length of "result of ", which errors about the items add themselves
        constexpr std::size_t prefix = 10;
        const std::string text = where.text();
        return where.is_result() && where.outer == nullptr ? text.substr(prefix) : text;
    }
};

template <class Yield, class Send, class Return>
struct converter<generator<Yield, Send, Return>> {
    static constexpr const char *wanted = "generator";

    static generator<Yield, Send, Return> from_python(PyObject *value, const value_path &where) {
        if (PyIter_Check(value) == 0)
            throw_wrong_type(where, wanted, value);
        generator<Yield, Send, Return> result;
        result.range_ = converter<range<Yield>>::from_python(value, where);
        result.range_.chunk(1);
        return result;
    }
    static PyObject *to_python(const generator<Yield, Send, Return> &value,
                               const value_path &where) {
        return converter<range<Yield>>::to_python(value.range_, where);
    }
};

}  // namespace detail

}  // namespace holdfast
