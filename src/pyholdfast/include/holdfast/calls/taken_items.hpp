// holdfast/calls/taken_items.hpp: the items that a range has taken from its iterator ahead of time.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/annotations.hpp>
#include <holdfast/attach/attach_guard.hpp>
#include <holdfast/convert/containers.hpp>
#include <holdfast/convert/convert.hpp>
#include <holdfast/error.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/rethrow.hpp>

namespace holdfast::detail {

/// How many items are taken ahead at most, if the host does not say.
inline constexpr std::size_t most_items_ahead = 1024;

/// After an error: whether it has left a generator as it was. It has not begun and cannot take a value
/// yet, or it is running already.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline bool is_going_on(PyObject *source) noexcept {
    const owned frame(PyGen_CheckExact(source) != 0 ? PyObject_GetAttrString(source, "gi_frame")
                                                    : nullptr);
    PyErr_Clear();
    return frame && frame.get() != Py_None;
}

/// A Python iterator, and the items that were taken from it ahead of time.
///
/// Owns:    the iterator and the items.
/// Threads: one at a time; any thread may destroy it, attached or not.
template <class T>
struct taken_items {
    object iterator;     // empty: `source` gives the items
    std::string called;  // for errors
    std::vector<T> items;
    std::size_t at = 0;
    std::size_t given = 0;
    std::size_t chunk = 1;
    std::size_t most = most_items_ahead;
    bool finished = true;
    object returned;           // what the generator returned
    std::exception_ptr error;  // thrown after the items

    taken_items() = default;
    taken_items(const taken_items &) = delete;
    taken_items &operator=(const taken_items &) = delete;
    virtual ~taken_items() = default;

    /// The next item of a C++ source; nothing at the end.
    virtual std::optional<T> from_source() { return std::nullopt; }

    std::optional<T> next(call_site site) {
        if (at == items.size()) {
            if (!iterator && !error && !finished)
                return next_of_source();
            if (!refill(site))
                return std::nullopt;
        }
        return std::optional<T>(std::in_place, std::move(items[at++]));
    }

    /// Replaces `item` by the next one, or by nothing at the end.
    void advance(std::optional<T> &item, call_site site) {
        if (at < items.size())
            item = std::move(items[at++]);
        else
            item = next(site);
    }

    /// Takes items: a chunk, or the one that the generator yields for `sent`. No earlier item is
    /// left.
    void take(PyObject *sent, call_site site) {
        using clock = std::chrono::steady_clock;
        constexpr std::chrono::microseconds slow{200};
        constexpr std::size_t looks_every = 16;  // at the clock, which costs as much as half an
                                                 // item
        given += items.size();
        items.clear();
        at = 0;
        const attach_guard attached(iterator.view(), site);
        const callee call{"", "", called.c_str(), ""};
        const value_path whole = value_path::result(call, nullptr);
        PyObject *const value = sent == nullptr ? Py_None : sent;
        const std::size_t wanted = sent != nullptr ? 1 : chunk;
        const clock::time_point begun = clock::now();
        PyObject *const source = iterator.get();
        while (items.size() < wanted && step(source, value, whole))
            if (items.size() % looks_every == 0 && clock::now() - begun > slow)
                break;
        if (clock::now() - begun > slow)
            chunk = chunk > 1 ? chunk / 2 : 1;
        else if (chunk < most)
            chunk = chunk * 2 < most ? chunk * 2 : most;
    }

private:
    void add(PyObject *item, const value_path &whole) {
        if constexpr (is_number<T>) {
            T number;
            if (read_number(item, number)) {  // without a path for errors
                items.push_back(number);
                return;
            }
        }
        items.push_back(converter<T>::from_python(item, whole.element(given + items.size())));
    }

    std::optional<T> next_of_source() {
        std::optional<T> item = from_source();
        finished = !item;
        return item;
    }

    /// Whether there is another item. \throws an error that waited until the items before it were
    /// used up
    bool refill(call_site site) {
        if (error) {
            finished = true;
            std::rethrow_exception(std::exchange(error, nullptr));
        }
        if (finished)
            return false;
        take(nullptr, site);
        return !items.empty();
    }

    /// Takes one more item. False at the end, and at an error, which is kept until the items before
    /// it are used up.
    bool step(PyObject *source, PyObject *sent, const value_path &whole) {
        bool has_item = false;  // an error is then one of its conversion, and the generator goes on
        try {
            PyObject *result = nullptr;
            const PySendResult how = PyIter_Send(source, sent, &result);
            const owned item(result);
            has_item = how == PYGEN_NEXT;
            if (has_item) {
                add(result, whole);
                return true;
            }
            if (how == PYGEN_ERROR)
                throw_python_error();
            finished = true;
            returned = object::borrow(result);
            return false;
        } catch (const python_error &problem) {
            // What ends the code that runs, such as a limit's exception, is no matter of an item.
            if (items.empty() || !is_about_value(problem.exception().get())) {
                finished = has_item || !is_going_on(source);
                rethrow();
            }
            error = std::current_exception();
            return false;
        } catch (...) {
            if (items.empty() || caught_forced_unwind()) {
                finished = true;
                rethrow();
            }
            error = std::current_exception();
            return false;
        }
    }
};

/// Items that a C++ function provides, one by one.
template <class T, class Source>
struct sourced_items final : taken_items<T> {
    Source source;
    explicit sourced_items(Source its_source) : source(std::move(its_source)) {
        this->finished = false;
    }
    std::optional<T> from_source() override { return source(); }
};

template <class T>
struct vector_source {
    std::vector<T> values;
    std::size_t at = 0;
    std::optional<T> operator()() {
        return at < values.size() ? std::optional<T>(T(std::move(values[at++]))) : std::nullopt;
    }
};

}  // namespace holdfast::detail
