// holdfast/objects/exception_text.ipp: the bodies of exception_text.hpp.
#pragma once

#include <holdfast/objects/exception_text.hpp>

#include <climits>

#include <holdfast/interrupts/async_raise.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY PyObject *take_exception() noexcept {
#if HOLDFAST_HAS_RAISED_EXCEPTION
    return PyErr_GetRaisedException();
#else
    PyObject *type = nullptr;
    PyObject *value = nullptr;
    PyObject *traceback = nullptr;
    PyErr_Fetch(&type, &value, &traceback);
    if (type == nullptr)
        return nullptr;
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != nullptr)
        PyException_SetTraceback(value, traceback);
    Py_DECREF(type);
    Py_XDECREF(traceback);
    return value;
#endif
}

HOLDFAST_DETAIL_BODY void set_exception(PyObject *exception) noexcept {
#if HOLDFAST_HAS_RAISED_EXCEPTION
    PyErr_SetRaisedException(exception);
#else
    PyObject *const type = reinterpret_cast<PyObject *>(Py_TYPE(exception));
    Py_INCREF(type);
    PyErr_Restore(type, exception, PyException_GetTraceback(exception));
#endif
}

HOLDFAST_DETAIL_COLD_BODY std::string utf8_of(PyObject *string) {
    const owned utf8(string != nullptr && PyUnicode_Check(string)
                         ? PyUnicode_AsEncodedString(string, "utf-8", "backslashreplace")
                         : nullptr);
    if (!utf8) {
        PyErr_Clear();
        return {};
    }
    return {PyBytes_AS_STRING(utf8.get()), static_cast<std::size_t>(PyBytes_GET_SIZE(utf8.get()))};
}

HOLDFAST_DETAIL_COLD_BODY PyObject *joined(PyObject *strings) noexcept {
    const owned nothing(PyUnicode_FromString(""));
    return nothing ? PyUnicode_Join(nothing.get(), strings) : nullptr;
}

HOLDFAST_DETAIL_COLD_BODY std::string utf8_of_attribute(PyObject *holder, const char *name) {
    const owned value(holder != nullptr ? PyObject_GetAttrString(holder, name) : nullptr);
    PyErr_Clear();
    return utf8_of(value.get());
}

HOLDFAST_DETAIL_COLD_BODY std::string name_of_type(PyTypeObject *type) {
    PyObject *const as_object = reinterpret_cast<PyObject *>(type);
    std::string name = utf8_of_attribute(as_object, "__qualname__");
    if (name.empty())
        return type->tp_name;
    const std::string module = utf8_of_attribute(as_object, "__module__");
    if (module.empty() || module == "builtins" || module == "__main__")
        return name;
    return module + '.' + name;
}

HOLDFAST_DETAIL_COLD_BODY std::string message_of(PyObject *exception) {
    const owned string(PyObject_Str(exception));
    if (string)
        return utf8_of(string.get());
    PyErr_Clear();
    return "<exception str() failed>";
}

/// An exception's frames, without using the traceback module.
HOLDFAST_DETAIL_COLD inline std::string plain_frames(PyObject *exception) {
    constexpr int most = 100;
    std::string text;
    owned step(PyException_GetTraceback(exception));
    for (int count = 0; step && PyTraceBack_Check(step.get()); ++count) {
        if (count == most)
            return text + "  ...\n";
        const owned frame(PyObject_GetAttrString(step.get(), "tb_frame"));
        const owned code(frame ? PyObject_GetAttrString(frame.get(), "f_code") : nullptr);
        const owned line(PyObject_GetAttrString(step.get(), "tb_lineno"));
        const long number = line ? PyLong_AsLong(line.get()) : -1;
        PyErr_Clear();
        text += "  File \"" + utf8_of_attribute(code.get(), "co_filename") + "\", line " +
                std::to_string(number) + ", in " + utf8_of_attribute(code.get(), "co_name") + '\n';
        step = owned(PyObject_GetAttrString(step.get(), "tb_next"));
    }
    PyErr_Clear();
    return text;
}

HOLDFAST_DETAIL_COLD_BODY PyObject *format_exception(PyObject *exception) noexcept {
    const owned module(PyImport_ImportModule("traceback"));
    if (!module)
        return nullptr;
    const owned frames(PyException_GetTraceback(exception));
    const owned lines(PyObject_CallMethod(module.get(), "format_exception", "OOO",
                                          reinterpret_cast<PyObject *>(Py_TYPE(exception)),
                                          exception, frames ? frames.get() : Py_None));
    return lines ? joined(lines.get()) : nullptr;
}

/// The traceback with all causes, as Python would print it; a plainer one if that fails.
HOLDFAST_DETAIL_COLD inline std::string traceback_of(PyObject *exception, const std::string &type,
                                                     const std::string &message) {
    const owned formatted(format_exception(exception));
    const owned trouble(formatted ? nullptr : take_exception());
    std::string text = utf8_of(formatted.get());
    if (!text.empty())
        return text;
    text = "Traceback (most recent call last):\n" + plain_frames(exception) + type;
    text += message.empty() ? "\n" : ": " + message + '\n';
    if (trouble)
        text += "(without causes: the traceback module failed with " +
                name_of_type(Py_TYPE(trouble.get())) + ")\n";
    return text;
}

/// The exit status that a SystemExit requests, as Python would pass it to the system.
HOLDFAST_DETAIL_COLD inline std::optional<int> exit_code_of(PyObject *exception) {
    if (PyErr_GivenExceptionMatches(exception, PyExc_SystemExit) == 0)
        return std::nullopt;
    const owned code(PyObject_GetAttrString(exception, "code"));
    PyErr_Clear();
    if (!code || code.get() == Py_None)
        return 0;
    if (!PyLong_Check(code.get()))
        return 1;  // a message for stderr: it is in message()
    int overflow = 0;
    const long value = PyLong_AsLongAndOverflow(code.get(), &overflow);
    return overflow != 0 || value < INT_MIN || value > INT_MAX ? -1 : static_cast<int>(value);
}

/// The extension module that CPython refused to import because the interpreter is a
/// sub-interpreter; empty for any other error. Found in the traceback, because packages such as
/// numpy raise their own ImportError from it.
HOLDFAST_DETAIL_COLD inline std::string module_refused_in(const std::string &type,
                                                          const std::string &traceback) {
    static constexpr const char words[] = " does not support loading in subinterpreters";
    const std::size_t end = type == "ImportError" ? traceback.find(words) : std::string::npos;
    if (end == std::string::npos)
        return {};
    const std::size_t begin = traceback.rfind(' ', end - 1);
    return begin == std::string::npos ? std::string()
                                      : traceback.substr(begin + 1, end - begin - 1);
}

HOLDFAST_DETAIL_COLD_BODY raised take_raised() {
    if (!attached())
        demand_attached("python_error");
    owned exception(take_exception());
    if (!exception) {
        PyErr_SetString(PyExc_SystemError,
                        "a call into Python failed without raising an exception");
        exception = owned(take_exception());
    }
    raised taken;
    taken.type = name_of_type(Py_TYPE(exception.get()));
    taken.message = message_of(exception.get());
    taken.traceback = traceback_of(exception.get(), taken.type, taken.message);
    taken.exit_code = exit_code_of(exception.get());
    taken.refused_module = module_refused_in(taken.type, taken.traceback);
    taken.exception = object::steal(exception.release());
    if (taken.type == interrupted_name)
        release_import_locks();
    return taken;
}

HOLDFAST_DETAIL_BODY std::string raised::headline() const {
    constexpr std::size_t most = 400;
    std::string line = message.substr(0, message.find('\n'));
    if (line.size() > most) {
        std::size_t end = most;
        while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U)
            --end;  // not in the middle of a character
        line.resize(end);
    }
    if (line.size() < message.size())
        line += " ...";
    return line.empty() ? type : type + ": " + line;
}

}  // namespace holdfast::detail
