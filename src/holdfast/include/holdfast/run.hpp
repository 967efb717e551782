// holdfast/run.hpp: running Python source text.
//
// Layer 53. Through the compiler and PyEval_EvalCode, never PyRun_Simple...: that prints what it catches,
// and ends the process at SystemExit.
#pragma once

#include "python.hpp"  // first: CPython asks for it

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "call.hpp"

namespace holdfast {

namespace detail {

/// Compiles and runs text in __main__; the result of an expression, None of statements. Attached.
owned run_text(const std::string &text, const char *file_name, int start);

}  // namespace detail

/// Runs statements in __main__. Attaches by itself.
///
/// \throws python_error  what the code raises, SyntaxError included; SystemExit has an exit_code().
/// \throws closed_error
inline void exec(std::string_view code, detail::call_site site = detail::call_site::current()) {
    const attach_guard attached(site);
    detail::run_text(std::string(code), "<exec>", Py_file_input);
}

/// The value of an expression in __main__. Attaches by itself.
///
///     auto names = holdfast::eval<std::vector<std::string>>("sorted(settings)");
///
/// \throws python_error      what the code raises, SyntaxError included.
/// \throws conversion_error  HF402, HF403: the value is no T.
/// \throws closed_error
template <class T>
T eval(std::string_view expression, detail::call_site site = detail::call_site::current()) {
    const attach_guard attached(site);
    // As Python's own eval() does; the compiler would take it for indentation.
    expression.remove_prefix(std::min(expression.find_first_not_of(" \t"), expression.size()));
    const std::string text(expression);
    detail::owned value = detail::run_text(text, "<eval>", Py_eval_input);
    return detail::take_result<T>(value.release(), {"eval(\"", "", text.c_str(), "\")"}, nullptr);
}

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include "run.ipp"
#endif
