// holdfast/lifecycle/debugger.hpp: lets a debugger connect to a host that was started for it.
//
// HOLDFAST_DEBUGGER=PORT or HOST:PORT, which `holdfast debug` sets, makes the start of Python import
// debugpy and wait for a debugger. Without the variable nothing here runs.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <string>

#include <holdfast/annotations.hpp>
#include <holdfast/error.hpp>
#include <holdfast/objects/exception_text.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/python_source.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/environment.hpp>

namespace holdfast::detail {

// debugpy installs its tracing when it begins to listen, so that threads that attach before the
// debugger does have it, too. The adapter that it starts is a process of its own.
inline constexpr const char *debugger_source = R"(
def listen(address, is_awaited):
    import os, sys
    host, _, port = address.rpartition(":")
    # For this process only: two cannot listen at one port.
    os.environ.pop("HOLDFAST_DEBUGGER", None)
    # Else pydevd warns about the standard library's frozen modules, in which nobody sets breakpoints.
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    try:
        import debugpy
    except ModuleNotFoundError as missing:
        if missing.name != "debugpy":
            raise
        return f"'{sys.executable}' has no debugpy", f"install it: {sys.executable} -m pip install debugpy"
    try:
        host, port = debugpy.listen((host or "127.0.0.1", int(port)))
    except (ValueError, OverflowError, RuntimeError, OSError) as problem:
        return f"cannot listen at '{address}': {problem}", "name a free port, as PORT or HOST:PORT"
    sys.stderr.write(f"holdfast: {'waiting for a debugger' if is_awaited else 'a debugger may connect'}"
                     f" at {host}:{port}\n")
    sys.stderr.flush()
    if is_awaited:
        debugpy.wait_for_client()
    return None
)";

/// What failed and what to do about it; null after an exception of Python's.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline owned listen_for_debugger(
    const char *address, bool is_awaited) noexcept {
    const owned listen = defined_by(debugger_source, "<holdfast debugger>", "listen");
    return owned(listen ? PyObject_CallFunction(listen.get(), "si", address, is_awaited ? 1 : 0)
                        : nullptr);
}

/// Does what HOLDFAST_DEBUGGER and HOLDFAST_DEBUGGER_WAIT ask for. Attached, at Python's start.
/// \throws startup_error  HF239
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void wait_for_debugger_if_told() {
    const char *const address = own_variable("HOLDFAST_DEBUGGER");
    if (address == nullptr)
        return;
    const char *const wait = own_variable("HOLDFAST_DEBUGGER_WAIT");
    const owned problem = listen_for_debugger(address, wait == nullptr || std::string(wait) != "0");
    if (problem.get() == Py_None)
        return;
    if (!problem)
        PyErr_Print();  // an interrupt, or a debugpy that does not work
    throw startup_error(
        "HF239",
        "no debugger can connect: " + (problem ? utf8_of(PyTuple_GET_ITEM(problem.get(), 0))
                                               : std::string("debugpy did not start")),
        problem ? utf8_of(PyTuple_GET_ITEM(problem.get(), 1))
                : std::string("see the traceback above"));
}

}  // namespace holdfast::detail
