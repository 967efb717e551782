// holdfast/async/coroutine.hpp: Python coroutines as tasks with futures, async iterators as ranges.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/async/coroutine_task.hpp>
#include <holdfast/async/event_loop.hpp>
#include <holdfast/attach/attach_guard.hpp>
#include <holdfast/calls/range.hpp>
#include <holdfast/platform/forced_unwind.hpp>

namespace holdfast {

namespace detail {

/// Takes items of an async iterator through the loop, a chunk at a time.
template <class T>
class async_source {
public:
    async_source(object iterator, std::string called)
        : iterator_(std::move(iterator)), called_(std::move(called)) {}

    std::optional<T> operator()() {
        if (at_ == items_.size() && !ended_)
            take();
        if (at_ < items_.size())
            return std::optional<T>(T(std::move(items_[at_++])));
        if (problem_) {
            const object raised = std::exchange(problem_, object());
            const attach_guard attached(raised.view());
            PyObject *const exception = raised.get();
            Py_INCREF(exception);
            set_exception(exception);
            throw_python_error();
        }
        if (unconverted_)
            std::rethrow_exception(std::exchange(unconverted_, nullptr));
        return std::nullopt;
    }

private:
    void take() {
        given_ += at_;
        items_.clear();
        at_ = 0;
        constexpr double limit_s = 0.0002;
        task<object> chunk;
        {
            const attach_guard attached(iterator_.view());
            const owned function = demand(PyObject_GetAttrString(event_loop(), "take"));
            const owned coroutine = demand(PyObject_CallFunction(
                function.get(), "Ond", iterator_.get(), static_cast<Py_ssize_t>(wanted_), limit_s));
            chunk = converter<task<object>>::start(coroutine.get(), called_);
        }
        const object taken = chunk.get();
        const attach_guard attached(taken.view());
        PyObject *const list = PyTuple_GET_ITEM(taken.get(), 0);
        ended_ = PyTuple_GET_ITEM(taken.get(), 1) == Py_True;
        if (PyTuple_GET_ITEM(taken.get(), 2) != Py_None)
            problem_ = object::borrow(PyTuple_GET_ITEM(taken.get(), 2));
        const callee call{"", "", called_.c_str(), ""};
        const value_path whole = value_path::result(call, nullptr);
        try {
            for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); ++i)
                items_.push_back(owned_from_python<T>(
                    PyList_GET_ITEM(list, i), whole.element(given_ + static_cast<std::size_t>(i))));
        } catch (...) {
            pass_on_forced_unwind();
            ended_ = true;
            unconverted_ = std::current_exception();
            problem_ = object();
        }
        wanted_ = items_.size() < wanted_      ? items_.size() + 1
                  : wanted_ < most_items_ahead ? wanted_ * 2
                                               : most_items_ahead;
    }

    object iterator_;
    std::string called_;
    std::vector<T> items_;
    std::size_t at_ = 0;
    std::size_t given_ = 0;
    std::size_t wanted_ = 1;
    bool ended_ = false;
    object problem_;                  // raised instead of an item, after those before it
    std::exception_ptr unconverted_;  // the same, thrown
};

}  // namespace detail

/// An async iterator as an input range: the loop's thread fetches the items while this thread
/// waits, detached.
///
/// Threads: one at a time; any thread may destroy it, attached or not.
template <class T>
class async_range : public range<T> {
public:
    using range<T>::range;
};

namespace detail {

template <class T>
struct converter<async_range<T>> {
    static constexpr const char *wanted = "async iterable";

    static async_range<T> from_python(PyObject *value, const value_path &where) {
        const PyAsyncMethods *const methods = Py_TYPE(value)->tp_as_async;
        if (methods == nullptr || methods->am_aiter == nullptr)
            throw_wrong_type(where, wanted, value);
        object iterator = object::steal(demand(methods->am_aiter(value)).release());
        return async_range<T>(async_source<T>(std::move(iterator), name_of_result(where)));
    }
};

}  // namespace detail

}  // namespace holdfast
