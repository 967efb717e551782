// holdfast/calls/pickled.hpp: a Python object as bytes, to pass to another interpreter or process.
//
// An object belongs to one interpreter and must not be touched from another. Plain C++ values are
// converted to cross; any other object is pickled, once, however many interpreters receive it.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <memory>
#include <string>
#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/calls/function.hpp>

namespace holdfast {

/// A pickled Python object. As an argument or result of a function<> it stands for the object
/// itself.
///
///     holdfast::pickled model(python_object);                     // pickled here, in its interpreter
///     pool.submit(predict, model, 5).get();                       // unpickled there: predict(object, 5)
///     holdfast::function<holdfast::pickled(long)> make{"app", "make"};   // whatever it returns, pickled
///
/// Owns:    the bytes, shared between copies.
/// Threads: any, attached or not.
class pickled {
public:
    pickled() = default;

    /// Attaches to the object's interpreter.
    /// \throws conversion_error  HF340 it cannot be pickled.
    /// \throws closed_error
    explicit pickled(const object &value);

    /// From bytes that pickle.dumps() made, here or elsewhere.
    [[nodiscard]] static pickled from_bytes(std::string data);

    /// An equal object, in the interpreter that the thread is attached to, else in the main one.
    /// Unpickling imports the module that defines the object's class.
    /// \throws conversion_error  HF341 it cannot be unpickled there.
    [[nodiscard]] object load() const;

    [[nodiscard]] const std::string &data() const noexcept;

    explicit operator bool() const noexcept { return data_ != nullptr; }

private:
    friend struct detail::converter<pickled>;

    static pickled dump(PyObject *value, const detail::value_path &where);

    /// A new reference.
    [[nodiscard]] HOLDFAST_REQUIRES_ATTACHED PyObject *load_reference(
        const detail::value_path &where) const;

    static std::string headline(const python_error &problem);

    static constexpr int protocol = 5;  // the newest that 3.10 supports

    std::shared_ptr<const std::string> data_;
};

namespace detail {

template <>
struct converter<pickled> {
    static constexpr const char *wanted = "an object that can be pickled";

    static PyObject *to_python(const pickled &value, const value_path &where) {
        return value.load_reference(where);
    }
    static pickled from_python(PyObject *value, const value_path &where) {
        return pickled::dump(value, where);
    }
};

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/calls/pickled.ipp>
#endif
