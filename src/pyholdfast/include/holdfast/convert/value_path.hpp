// holdfast/convert/value_path.hpp: where a value is in a call, for conversion errors.
//
// Paths live on the stack of a conversion and cost a few stores; they become text only when
// something is wrong.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <string>

#include <holdfast/annotations.hpp>
#include <holdfast/error.hpp>
#include <holdfast/objects/python_error.hpp>

namespace holdfast {

/// A value could not be converted between C++ and Python: HF401 for an argument, HF403 for a
/// result, HF402 for a number that does not fit.
///
/// what() names the place (function, argument, index in it), the wanted type and the type found.
class conversion_error : public error {
public:
    using error::error;
};

namespace detail {

struct callee;

/// What a function looked like when a header was generated for it; compared when the function is
/// looked up.
struct expectation {
    /// Called attached, with no error set, once per interpreter and before the function is first
    /// called. Throws if the function is not as expected. Null: nothing was found; if this does not
    /// throw, the lookup then reports that.
    void (*check)(PyObject *found, const callee &call);
    const char *signature;
    const char *hash;
};

/// The called function. Points to text that outlives the call; only errors assemble it.
struct callee {
    const char *prefix;                     // "" or `eval("`
    const char *module;                     // "" if it has no module
    const char *name;                       // null: ask the callable
    const char *suffix;                     // "()" or `")`
    const char *const *keywords = nullptr;  // names of the arguments from `first_keyword` on
    std::size_t first_keyword = static_cast<std::size_t>(-1);
    const expectation *expected = nullptr;

    /// "scoring.score()".
    [[nodiscard]] HOLDFAST_REQUIRES_ATTACHED std::string text(PyObject *callable) const;
};

/// An argument or a result of a call, or an element in one.
struct value_path {
    const callee *call = nullptr;  // null: an element of `outer`
    const value_path *outer = nullptr;
    std::size_t number = 0;       // argument from 1, or 0 for the result; else the element's index
    PyObject *subject = nullptr;  // borrowed: the called object, or an element's key if it has one
    bool is_key = false;          // the key itself, not its value
    const char *attribute = nullptr;  // the element's name, if it is a field of a record

    /// \param callable  null if unknown.
    static value_path argument(const callee &call, PyObject *callable, std::size_t number) {
        return {&call, nullptr, number, callable};
    }
    static value_path result(const callee &call, PyObject *callable) {
        return {&call, nullptr, 0, callable};
    }
    [[nodiscard]] value_path element(std::size_t index) const { return {nullptr, this, index}; }
    [[nodiscard]] value_path value_of(PyObject *key) const { return {nullptr, this, 0, key}; }
    [[nodiscard]] value_path key_of(PyObject *key) const { return {nullptr, this, 0, key, true}; }
    [[nodiscard]] value_path field(const char *name) const {
        return {nullptr, this, 0, nullptr, false, name};
    }

    [[nodiscard]] bool is_result() const {
        const value_path *root = this;
        while (root->outer != nullptr)
            root = root->outer;
        return root->number == 0;
    }

    /// "scoring.score() argument 2 'levels'[3]" or "result of scoring.score()['a']". Of a deep place
    /// the outermost steps are left out.
    [[nodiscard]] std::string text() const;

private:
    [[nodiscard]] std::string root_text() const;
    [[nodiscard]] std::string step_text() const;
    [[nodiscard]] std::string key_text() const;
};

/// HF401 or HF403: the value at `where` is not a `wanted`.
[[noreturn]] void throw_wrong_type(const value_path &where, const char *wanted,
                                   const std::string &found);
[[noreturn]] void throw_wrong_type(const value_path &where, const char *wanted, PyObject *found);
/// Throws unless `value` is an instance of `type`.
HOLDFAST_REQUIRES_ATTACHED void demand_instance(PyObject *value, PyObject *type, const char *wanted,
                                                const value_path &where);

/// HF402: it is a number, but out of range.
[[noreturn]] void throw_does_not_fit(const value_path &where, const std::string &number,
                                     const char *type);

/// A readable Python number; its size if it has too many digits.
std::string text_of_number(PyObject *number);

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/convert/value_path.ipp>
#endif
