// c/backend/output.hpp: what Python prints and logs, passed to a C function.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <memory>

#include <holdfast/output/output.hpp>
#include <holdfast/platform/forced_unwind.hpp>

#include "lifecycle.hpp"

namespace holdfast::c {

/// Gives sys.stdout, sys.stderr and the root logger back what redirect_output() replaced. What kept a
/// stream prints to what was there before.
inline constexpr const char *restore_source = R"python(
import logging
import sys


def passed_to(before):
    def put(data, is_raw=False):
        if before is not None:
            before.write(data.decode("utf-8", "backslashreplace"))
    return put


for name in ("stdout", "stderr"):
    stream = getattr(sys, name, None)
    if type(stream).__module__ == "holdfast_output":
        stream.end()
        stream._put = passed_to(stream._before)
        setattr(sys, name, stream._before)
        setattr(sys, f"__{name}__", stream._before)
root = logging.getLogger()
for handler in root.handlers[:]:
    if getattr(handler, "holdfast_output", False):
        root.removeHandler(handler)
)python";

HOLDFAST_REQUIRES_ATTACHED inline void restore_output() {
    const detail::owned names = detail::demand(PyDict_New());
    detail::demand(PyRun_String(restore_source, Py_file_input, names.get(), names.get()));
}

inline hf_status redirect_output(hf_interpreter *its, line_function line, void *user) {
    if (its == nullptr)
        return given_nothing("hf_redirect_output", "an interpreter that is");
    return protect([&]() -> hf_status {
        // First: if the thread is refused, the earlier function stays, and nobody calls this one.
        const attach_guard attached(its->view, call_site::at("hf_redirect_output()", 0));
        // A cancelled thread would leave the new function in place, and its caller without an answer.
        const detail::cancellation_held_off until_done;
        const auto set_target = [&](const line_target::place &to) {
            const detach_guard detached;
            return its->output->set(to);
        };
        if (line == nullptr) {
            restore_output();
            set_target(std::make_shared<line_target::destination>(nullptr, nullptr));
            return HF_OK;
        }
        const line_target::place earlier =  // before the first line
            set_target(std::make_shared<line_target::destination>(line, user));
        try {
            holdfast::redirect_output(
                its->view,
                [target = its->output](const output_line &printed) { (*target)(printed); });
        } catch (...) {
            set_target(earlier);
            throw;
        }
        return HF_OK;
    });
}

}  // namespace holdfast::c
