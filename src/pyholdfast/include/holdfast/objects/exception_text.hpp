// holdfast/objects/exception_text.hpp: reads everything about a Python exception at once, as text.
//
// Everything here runs attached with no exception set, and leaves none set. str(), repr() and the
// traceback module run Python code that may itself fail, above all when memory runs out or Python
// ends.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <optional>
#include <string>

#include <holdfast/objects/object.hpp>

namespace holdfast::detail {

/// Takes the current exception, normalised and with its traceback; it is then no longer set. A new
/// reference, or null.
PyObject *take_exception() noexcept;

/// Whether an exception that a value's own code raised may become an error about the value. Those
/// that end the code that runs may not (KeyboardInterrupt, SystemExit, holdfast.Interrupted), nor
/// may a lack of memory.
HOLDFAST_REQUIRES_ATTACHED inline bool is_about_value(PyObject *exception) noexcept {
    return PyErr_GivenExceptionMatches(exception, PyExc_Exception) != 0 &&
           PyErr_GivenExceptionMatches(exception, PyExc_MemoryError) == 0;
}

/// Makes an exception the current one, and takes over the reference.
void set_exception(PyObject *exception) noexcept;

/// A str as UTF-8; lone surrogates, which UTF-8 cannot encode, become escapes. Empty if that fails.
std::string utf8_of(PyObject *string);

/// Concatenates a list of strings. A new reference, or null with an error set.
PyObject *joined(PyObject *strings) noexcept;

/// A string attribute as text; empty if there is none.
std::string utf8_of_attribute(PyObject *holder, const char *name);

/// A type as Python code would write it: "ValueError", "json.decoder.JSONDecodeError".
std::string name_of_type(PyTypeObject *type);

/// str() of an exception; if that raises, the text that Python's own tracebacks print.
std::string message_of(PyObject *exception);

/// The result of traceback.format_exception(); null with an error set if it fails.
PyObject *format_exception(PyObject *exception) noexcept;

/// One exception, shared by all code that catches it.
struct raised {
    std::string type;
    std::string message;
    std::string traceback;
    std::optional<int> exit_code;
    std::string refused_module;  // the module that CPython refused to import into a
                                 // sub-interpreter, else empty
    object exception;

    /// "type: first line of the message", shortened if it is long.
    [[nodiscard]] std::string headline() const;
};

/// Takes the current exception. If a call failed without raising one, reports that.
/// \throws usage_error  HF216 if the thread is not attached.
raised take_raised();

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/objects/exception_text.ipp>
#endif
