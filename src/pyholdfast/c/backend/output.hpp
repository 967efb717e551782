// c/backend/output.hpp: what Python prints and logs, passed to a C function.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <string>

#include <holdfast/output/output.hpp>

#include "lifecycle.hpp"

namespace holdfast::c {

using line_function = void (*)(void *user, int stream, const char *thread, const char *text,
                               std::size_t size);

/// Gives sys.stdout, sys.stderr and the root logger back what redirect_output() replaced.
inline constexpr const char *restore_source = R"python(
import logging
import sys

for name in ("stdout", "stderr"):
    stream = getattr(sys, name, None)
    before = getattr(stream, "_before", None)
    if before is not None and hasattr(stream, "end"):
        stream.end()
        setattr(sys, name, before)
        setattr(sys, f"__{name}__", before)
root = logging.getLogger()
for handler in root.handlers[:]:
    if getattr(handler, "holdfast_output", False):
        root.removeHandler(handler)
)python";

inline void restore_output(const interpreter_view &where) {
    const attach_guard attached(where, call_site::at("hf_redirect_output()", 0));
    const detail::owned names = detail::demand(PyDict_New());
    detail::demand(PyRun_String(restore_source, Py_file_input, names.get(), names.get()));
}

inline hf_status redirect_output(hf_interpreter *its, line_function line, void *user) {
    if (its == nullptr)
        return given_nothing("hf_redirect_output", "an interpreter that is");
    return protect([&]() -> hf_status {
        if (line == nullptr) {
            restore_output(its->view);
            return HF_OK;
        }
        holdfast::redirect_output(its->view, [line, user](const output_line &printed) {
            const std::string thread(printed.thread);
            line(user, static_cast<int>(printed.source) + 1, thread.c_str(), printed.text.data(),
                 printed.text.size());
        });
        return HF_OK;
    });
}

}  // namespace holdfast::c
