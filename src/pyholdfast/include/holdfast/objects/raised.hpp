// holdfast/objects/raised.hpp: what there is to know about a Python exception, taken at once as text.
//
// Everything here runs attached, with no exception set, and leaves none: str(), repr() and the
// traceback module run Python code that may fail in its turn, above all when memory or Python
// itself ends.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <optional>
#include <string>

#include <holdfast/objects/object.hpp>

namespace holdfast::detail {

/// The current exception, normalised and with its traceback, no longer set. A new reference, or
/// null.
PyObject *take_exception() noexcept;

/// Makes an exception the current one, and takes over the reference.
void set_exception(PyObject *exception) noexcept;

/// A str as UTF-8; lone surrogates, which have none, as escapes. Empty where that fails.
std::string utf8_of(PyObject *string);

/// The strings of a list, one behind the other. A new reference, or null with an error set.
PyObject *joined(PyObject *strings) noexcept;

/// A string attribute as text; empty if there is none.
std::string utf8_of_attribute(PyObject *holder, const char *name);

/// A type as Python code would write it: "ValueError", "json.decoder.JSONDecodeError".
std::string name_of_type(PyTypeObject *type);

/// str() of an exception, in the words of Python's own tracebacks where that raises.
std::string message_of(PyObject *exception);

/// What traceback.format_exception() makes of an exception; null with an error set where it fails.
PyObject *format_exception(PyObject *exception) noexcept;

/// One exception, as everybody who catches it sees it.
struct raised {
    std::string type;
    std::string message;
    std::string traceback;
    std::optional<int> exit_code;
    std::string refused_module;  // what CPython would not import into a sub-interpreter; else empty
    object exception;

    /// "type: first line of the message", cut where it is long.
    [[nodiscard]] std::string headline() const;
};

/// Takes the current exception. Where a call failed without raising one, says so.
/// \throws usage_error  HF216 if the thread is not attached.
raised take_raised();

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/objects/raised.ipp>
#endif
