// holdfast/calls/run.hpp: runs Python source text.
//
// It uses the compiler and PyEval_EvalCode, and not PyRun_Simple..., which prints exceptions and
// ends the process on SystemExit.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include <holdfast/annotations.hpp>
#include <holdfast/calls/function.hpp>

namespace holdfast {

namespace detail {

/// Compiles and runs text in __main__. Returns an expression's value, or None for statements.
HOLDFAST_REQUIRES_ATTACHED owned run_text(const std::string &text, const char *file_name,
                                          int start);

}  // namespace detail

namespace detail {

/// The type of exec and eval. They can be called and passed on like functions of one argument, but
/// also know where they were called; a report shows that for a thread that does not finish.
///
/// A function with a second parameter could be called the same way, but its address could not be
/// passed to a std::thread or to a pool; nor could that of two overloads. `&` also gives a
/// function's address.
///
/// \tparam Run   has `static Result run(std::string_view, call_site)`.
template <class Run, class Result>
struct runner {
    using pointer = Result (*)(std::string_view);

    Result operator()(std::string_view text, call_site site = call_site::current()) const {
        return Run::run(text, site);
    }
    constexpr operator pointer() const noexcept { return plain; }
    constexpr pointer operator&() const noexcept { return plain; }

private:
    static Result plain(std::string_view text) { return Run::run(text, call_site::current()); }
};

struct exec_text {
    static void run(std::string_view code, call_site site) {
        const attach_guard attached(site);
        run_text(std::string(code), "<exec>", Py_file_input);
    }
};

template <class T>
struct eval_text {
    static T run(std::string_view expression, call_site site) {
        const attach_guard attached(site);
        // Python's own eval() does this too; the compiler would treat it as indentation.
        expression.remove_prefix(std::min(expression.find_first_not_of(" \t"), expression.size()));
        const std::string text(expression);
        owned value = run_text(text, "<eval>", Py_eval_input);
        return take_result<T>(value.release(), {"eval(\"", "", text.c_str(), "\")"}, nullptr);
    }
};

}  // namespace detail

using exec_function = detail::runner<detail::exec_text, void>;
template <class T>
using eval_function = detail::runner<detail::eval_text<T>, T>;

/// void exec(std::string_view code): runs statements in __main__. Attaches if necessary.
///
///     holdfast::exec("import sys");
///     std::thread other(holdfast::exec, "work()");
///
/// \throws python_error  what the code raises, SyntaxError included; SystemExit has an exit_code().
/// \throws closed_error
inline constexpr exec_function exec{};

/// T eval<T>(std::string_view expression): the value of an expression in __main__. Attaches if
/// necessary.
///
///     auto names = holdfast::eval<std::vector<std::string>>("sorted(settings)");
///
/// \throws python_error      what the code raises, SyntaxError included.
/// \throws conversion_error  HF402, HF403: the value is not a T.
/// \throws closed_error
template <class T>
inline constexpr eval_function<T> eval{};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/calls/run.ipp>
#endif
