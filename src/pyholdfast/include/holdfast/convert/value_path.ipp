// holdfast/convert/value_path.ipp: the bodies of value_path.hpp.
#pragma once

#include <holdfast/convert/value_path.hpp>

namespace holdfast::detail {

/// The name of a Python function's parameter, counted from 0; "" if it is unknown.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline std::string name_of_parameter(
    PyObject *callable, std::size_t index) {
    const bool bound = callable != nullptr && PyMethod_Check(callable);
    PyObject *const function = bound ? PyMethod_GET_FUNCTION(callable) : callable;  // borrowed
    if (function == nullptr || !PyFunction_Check(function))
        return {};
    const saved_error aside;
    const owned code(PyObject_GetAttrString(function, "__code__"));
    const owned count(code ? PyObject_GetAttrString(code.get(), "co_argcount") : nullptr);
    const owned names(code ? PyObject_GetAttrString(code.get(), "co_varnames") : nullptr);
    const std::size_t at = index + (bound ? 1 : 0);
    std::string name;
    if (count && names && at < PyLong_AsSize_t(count.get()))
        name = utf8_of(PyTuple_GetItem(names.get(), static_cast<Py_ssize_t>(at)));
    PyErr_Clear();
    return name;
}

HOLDFAST_DETAIL_COLD_BODY std::string callee::text(PyObject *callable) const {
    constexpr std::size_t most = 80;
    std::string whole = name != nullptr ? name : utf8_of_attribute(callable, "__qualname__");
    if (name == nullptr && whole.empty())
        whole = name_of_type(Py_TYPE(callable));
    if (whole.size() > most)
        whole = whole.substr(0, most) + "...";
    return prefix + (*module != '\0' ? module + ("." + whole) : whole) + suffix;
}

HOLDFAST_DETAIL_COLD_BODY std::string value_path::text() const {
    constexpr int most = 30;  // of the innermost: a union may ask at each level of a deep value
    std::string whole;
    const value_path *at = this;
    for (int steps = 0; at->outer != nullptr; at = at->outer)
        if (++steps <= most)
            whole.insert(0, at->step_text());
        else if (steps == most + 1)
            whole.insert(0, "...");
    return at->root_text() + whole;
}

HOLDFAST_DETAIL_BODY std::string value_path::root_text() const {
    if (number == 0)
        return "result of " + call->text(subject);
    const std::string name = number > call->first_keyword
                                 ? call->keywords[number - 1 - call->first_keyword]
                                 : name_of_parameter(subject, number - 1);
    return call->text(subject) + " argument " + std::to_string(number) +
           (name.empty() ? "" : " '" + name + "'");
}

HOLDFAST_DETAIL_BODY std::string value_path::step_text() const {
    if (is_key)
        return " key " + key_text();
    if (attribute != nullptr)
        return std::string(".") + attribute;
    return '[' + (subject != nullptr ? key_text() : std::to_string(number)) + ']';
}

HOLDFAST_DETAIL_BODY std::string value_path::key_text() const {
    const saved_error aside;
    const owned shown(PyObject_Repr(subject));
    PyErr_Clear();
    return shown ? utf8_of(shown.get()) : "a " + name_of_type(Py_TYPE(subject));
}

HOLDFAST_DETAIL_COLD_BODY void throw_wrong_type(const value_path &where, const char *wanted,
                                                const std::string &found) {
    const bool result = where.is_result();
    const char *remedy = "pass a value of that type, or change the signature";
    if (result)
        remedy = found == "NoneType"
                     ? "let the function return a value, or take it as std::optional"
                     : "correct the C++ signature, or let the function return what it says";
    throw conversion_error(result ? "HF403" : "HF401",
                           where.text() + ": wanted " + wanted + ", found " + found, remedy);
}

HOLDFAST_DETAIL_COLD_BODY void throw_wrong_type(const value_path &where, const char *wanted,
                                                PyObject *found) {
    throw_wrong_type(where, wanted, name_of_type(Py_TYPE(found)));
}

HOLDFAST_DETAIL_COLD_BODY void demand_instance(PyObject *value, PyObject *type, const char *wanted,
                                               const value_path &where) {
    const int is = PyObject_IsInstance(value, type);
    if (is < 0)
        throw_python_error();
    if (is == 0)
        throw_wrong_type(where, wanted, value);
}

HOLDFAST_DETAIL_COLD_BODY void throw_does_not_fit(const value_path &where,
                                                  const std::string &number, const char *type) {
    throw conversion_error("HF402", where.text() + ": " + number + " does not fit into " + type,
                           where.is_result()
                               ? "use a wider type in the C++ signature"
                               : "pass a number within its range, or use a wider type "
                                 "in the C++ signature");
}

HOLDFAST_DETAIL_COLD_BODY std::string text_of_number(PyObject *number) {
    constexpr std::size_t most = 60;
    const saved_error aside;
    const owned digits(PyObject_Str(number));
    PyErr_Clear();
    std::string text = utf8_of(digits.get());
    if (!text.empty() && text.size() <= most)
        return text;
    const owned bits(PyObject_CallMethod(number, "bit_length", nullptr));
    PyErr_Clear();
    return bits ? "a number of " + text_of_number(bits.get()) + " bits" : "the number";
}

}  // namespace holdfast::detail
