// holdfast/convert/value_path.hpp: where a value stands, for the errors of conversions.
//
// Places live on the stack of a conversion and cost a few stores; text is made of them only
// when something is wrong.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <cstddef>
#include <string>

#include <holdfast/objects/python_error.hpp>

namespace holdfast {

/// A value could not be taken from C++ to Python or back: HF401 for an argument, HF403 for a
/// result, HF402 for a number that does not fit.
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
    /// Attached, with no error set, once per interpreter and before anybody calls what was found;
    /// throws if it is not as expected. Null: nothing was found, which is said next if this does
    /// not throw.
    void (*check)(PyObject *found, const callee &call);
    const char *signature;
    const char *hash;
};

/// What was called. Points at text that outlives the call; put together only for errors.
struct callee {
    const char *prefix;                     // "" or `eval("`
    const char *module;                     // "" if there is none
    const char *name;                       // null: ask the callable
    const char *suffix;                     // "()" or `")`
    const char *const *keywords = nullptr;  // names of the arguments from `first_keyword` on
    std::size_t first_keyword = static_cast<std::size_t>(-1);
    const expectation *expected = nullptr;

    /// "scoring.score()". Attached.
    [[nodiscard]] std::string text(PyObject *callable) const;
};

/// An argument or a result of a call, or an element within one.
struct value_path {
    const callee *call = nullptr;  // null: an element of `outer`
    const value_path *outer = nullptr;
    std::size_t number = 0;  // argument from 1, or 0 for the result; else the element's index
    PyObject *subject =
        nullptr;          // borrowed: what was called; or an element's key, where it has one
    bool is_key = false;  // the key itself, not what it leads to
    const char *attribute = nullptr;  // the name of the element, where it is a field of a record

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

    /// "scoring.score() argument 2 'levels'[3]" or "result of scoring.score()['a']".
    [[nodiscard]] std::string text() const;

private:
    [[nodiscard]] std::string key_text() const;
};

/// HF401 or HF403: the value at `where` is no `wanted`.
[[noreturn]] void throw_wrong_type(const value_path &where, const char *wanted,
                                   const std::string &found);
[[noreturn]] void throw_wrong_type(const value_path &where, const char *wanted, PyObject *found);

/// HF402: the number is a number, but not one of these.
[[noreturn]] void throw_does_not_fit(const value_path &where, const std::string &number,
                                     const char *type);

/// A Python number for people; its size where it has too many digits.
std::string text_of_number(PyObject *number);

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/convert/value_path.ipp>
#endif
