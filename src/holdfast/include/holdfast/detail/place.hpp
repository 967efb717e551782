// holdfast/detail/place.hpp: where a value stands, for the errors of conversions.
//
// Layer 50. Places live on the stack of a conversion and cost a few stores; text is made of them only
// when something is wrong.
#pragma once

#include "../python.hpp"  // first: CPython asks for it

#include <cstddef>
#include <string>

#include "../python_error.hpp"

namespace holdfast {

/// A value could not be taken from C++ to Python or back: HF401 for an argument, HF403 for a result,
/// HF402 for a number that does not fit.
///
/// what() names the place (function, argument, index within it), the type wanted and the one found.
class conversion_error : public error {
public:
    using error::error;
};

namespace detail {

struct callee;

/// What a function was like when a header was made for it; compared when it is looked up.
struct expectation {
    /// Attached, with no error set, once per interpreter and before anybody calls what was found; throws
    /// if it is not as expected. Null: nothing was found, which is said next if this does not throw.
    void (*check)(PyObject *found, const callee &call);
    const char *signature;
    const char *hash;
};

/// What was called. Points at text that outlives the call; put together only for errors.
struct callee {
    const char *prefix;  // "" or `eval("`
    const char *module;  // "" if there is none
    const char *name;    // null: ask the callable
    const char *suffix;  // "()" or `")`
    const char *const *keywords = nullptr;  // names of the arguments from `first_keyword` on
    std::size_t first_keyword = static_cast<std::size_t>(-1);
    const expectation *expected = nullptr;

    /// "scoring.score()". Attached.
    [[nodiscard]] HOLDFAST_DETAIL_COLD std::string text(PyObject *callable) const {
        constexpr std::size_t most = 80;
        std::string whole = name != nullptr ? name : utf8_of_attribute(callable, "__qualname__");
        if (name == nullptr && whole.empty())
            whole = name_of_type(Py_TYPE(callable));
        if (whole.size() > most)
            whole = whole.substr(0, most) + "...";
        return prefix + (*module != '\0' ? module + ("." + whole) : whole) + suffix;
    }
};

/// The name of a Python function's parameter, counted from 0; "" where it cannot be known. Attached.
HOLDFAST_DETAIL_COLD inline std::string name_of_parameter(PyObject *callable, std::size_t index) {
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

/// An argument or a result of a call, or an element within one.
struct place {
    const callee *call = nullptr;  // null: an element of `outer`
    const place *outer = nullptr;
    std::size_t number = 0;        // argument from 1, or 0 for the result; else the element's index
    PyObject *subject = nullptr;   // borrowed: what was called; or an element's key, where it has one
    bool is_key = false;           // the key itself, not what it leads to
    const char *attribute = nullptr;  // the name of the element, where it is a field of a record

    /// \param callable  null if unknown.
    static place argument(const callee &call, PyObject *callable, std::size_t number) {
        return {&call, nullptr, number, callable};
    }
    static place result(const callee &call, PyObject *callable) { return {&call, nullptr, 0, callable}; }
    [[nodiscard]] place element(std::size_t index) const { return {nullptr, this, index}; }
    [[nodiscard]] place value_of(PyObject *key) const { return {nullptr, this, 0, key}; }
    [[nodiscard]] place key_of(PyObject *key) const { return {nullptr, this, 0, key, true}; }
    [[nodiscard]] place field(const char *name) const { return {nullptr, this, 0, nullptr, false, name}; }

    [[nodiscard]] bool is_result() const {
        const place *root = this;
        while (root->outer != nullptr)
            root = root->outer;
        return root->number == 0;
    }

    /// "scoring.score() argument 2 'levels'[3]" or "result of scoring.score()['a']".
    [[nodiscard]] HOLDFAST_DETAIL_COLD std::string text() const {
        if (is_key)
            return outer->text() + " key " + key_text();
        if (attribute != nullptr)
            return outer->text() + '.' + attribute;
        if (outer != nullptr)
            return outer->text() + '[' + (subject != nullptr ? key_text() : std::to_string(number)) + ']';
        if (number == 0)
            return "result of " + call->text(subject);
        const std::string name = number > call->first_keyword
                                     ? call->keywords[number - 1 - call->first_keyword]
                                     : name_of_parameter(subject, number - 1);
        return call->text(subject) + " argument " + std::to_string(number) +
               (name.empty() ? "" : " '" + name + "'");
    }

private:
    [[nodiscard]] std::string key_text() const {
        const saved_error aside;
        const owned shown(PyObject_Repr(subject));
        PyErr_Clear();
        return shown ? utf8_of(shown.get()) : "a " + name_of_type(Py_TYPE(subject));
    }
};

/// HF401 or HF403: the value at `where` is no `wanted`.
[[noreturn]] HOLDFAST_DETAIL_COLD inline void throw_wrong_type(const place &where, const char *wanted,
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

[[noreturn]] HOLDFAST_DETAIL_COLD inline void throw_wrong_type(const place &where, const char *wanted,
                                                               PyObject *found) {
    throw_wrong_type(where, wanted, name_of_type(Py_TYPE(found)));
}

/// HF402: the number is a number, but not one of these.
[[noreturn]] HOLDFAST_DETAIL_COLD inline void throw_does_not_fit(const place &where,
                                                                 const std::string &number,
                                                                 const char *type) {
    throw conversion_error("HF402", where.text() + ": " + number + " does not fit into " + type,
                           where.is_result() ? "use a wider type in the C++ signature"
                                             : "pass a number within its range, or use a wider type "
                                               "in the C++ signature");
}

/// A Python number for people; its size where it has too many digits.
HOLDFAST_DETAIL_COLD inline std::string text_of_number(PyObject *number) {
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

}  // namespace detail

}  // namespace holdfast
