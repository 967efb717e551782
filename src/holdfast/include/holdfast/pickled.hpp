// holdfast/pickled.hpp: a Python object as bytes, for another interpreter of this process, or of another one.
//
// Layer 57. An object belongs to one interpreter and must not be touched from another. Plain C++ values cross by
// being converted; whatever else is to cross is pickled, once, however many take it.
#pragma once

#include "python.hpp"  // first: CPython asks for it

#include <memory>
#include <string>
#include <utility>

#include "call.hpp"

namespace holdfast {

/// A Python object, pickled. As an argument or result of a function<> it is the object itself.
///
///     holdfast::pickled model(python_object);                     // pickled here, in its interpreter
///     pool.submit(predict, model, 5).get();                       // unpickled there: predict(object, 5)
///     holdfast::function<holdfast::pickled(long)> make{"app", "make"};   // whatever it returns, pickled
///
/// Owns:    shared with its copies, the bytes.
/// Threads: any, attached or not.
class pickled {
public:
    pickled() = default;

    /// Attaches to the object's interpreter.
    /// \throws conversion_error  HF340 it cannot be pickled.
    /// \throws closed_error
    explicit pickled(const object &value) {
        if (!value)
            detail::refuse_empty("holdfast::pickled");
        const attach_guard attached(value.view());
        static constexpr detail::callee here{"", "", "holdfast::pickled", "()"};
        *this = dump(value.get(), detail::place::argument(here, nullptr, 1));
    }

    /// Of bytes that pickle.dumps() has made, here or elsewhere.
    [[nodiscard]] static pickled from_bytes(std::string data) {
        pickled made;
        made.data_ = std::make_shared<const std::string>(std::move(data));
        return made;
    }

    /// An equal object, in the interpreter that the thread is attached to, else in the main one. Unpickling
    /// imports what the object's class is defined in.
    /// \throws conversion_error  HF341 it cannot be unpickled there.
    [[nodiscard]] object load() const {
        const attach_guard attached;
        static constexpr detail::callee here{"", "", "holdfast::pickled::load", "()"};
        return object::steal(load_reference(detail::place::result(here, nullptr)));
    }

    [[nodiscard]] const std::string &data() const noexcept {
        static const std::string nothing;
        return data_ != nullptr ? *data_ : nothing;
    }

    explicit operator bool() const noexcept { return data_ != nullptr; }

private:
    friend struct detail::converter<pickled>;

    static pickled dump(PyObject *value, const detail::place &where) {
        try {
            const detail::owned module = detail::demand(PyImport_ImportModule("pickle"));
            const detail::owned data = detail::demand(PyObject_CallMethod(module.get(), "dumps", "Oi", value, protocol));
            const bytes_view view = detail::converter<bytes_view>::from_python(data.get(), where);
            return from_bytes(std::string(view.data, view.size));
        } catch (const python_error &problem) {
            throw conversion_error("HF340", where.text() + ": cannot be pickled: " + headline(problem),
                                   "pass plain values, or objects of classes that pickle knows how to copy");
        }
    }

    /// Attached. A new reference.
    [[nodiscard]] PyObject *load_reference(const detail::place &where) const {
        if (data_ == nullptr)
            throw usage_error("HF408", where.text() + ": an empty holdfast::pickled",
                              "test it, or make sure that it was given a value");
        try {
            const detail::owned module = detail::demand(PyImport_ImportModule("pickle"));
            const detail::owned view = detail::demand(PyMemoryView_FromMemory(
                const_cast<char *>(data_->data()), static_cast<Py_ssize_t>(data_->size()), PyBUF_READ));
            detail::owned value = detail::demand(PyObject_CallMethod(module.get(), "loads", "O", view.get()));
            // What was made of the bytes may not point into them: protocol 5 copies what is not out of band.
            return value.release();
        } catch (const python_error &problem) {
            throw conversion_error("HF341", where.text() + ": cannot be unpickled: " + headline(problem),
                                   "define its class in a module that the other interpreter can import, not in __main__");
        }
    }

    static std::string headline(const python_error &problem) {
        return problem.type() + ": " + problem.message().substr(0, problem.message().find('\n'));
    }

    static constexpr int protocol = 5;  // the newest that 3.10 knows

    std::shared_ptr<const std::string> data_;
};

namespace detail {

template <>
struct converter<pickled> {
    static constexpr const char *wanted = "an object that can be pickled";

    static PyObject *to_python(const pickled &value, const place &where) { return value.load_reference(where); }
    static pickled from_python(PyObject *value, const place &where) { return pickled::dump(value, where); }
};

}  // namespace detail

}  // namespace holdfast
