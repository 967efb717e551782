// c/backend/backend.cpp: the C interface for one Python, as a shared library without libpython.
//
// `holdfast backend` compiles this file. Before libholdfast loads a backend, it loads libpython,
// with global symbols. A backend exports holdfast_backend_v1() and, like each copy of the runtime,
// holdfast_process_v1, by which C++ libraries of the same process find the same records.
#include <holdfast/python.hpp>  // first: CPython requires it

#include <holdfast/holdfast.hpp>
#include <holdfast/version.hpp>

#include "../table.hpp"
#include "callbacks.hpp"
#include "errors.hpp"
#include "executor.hpp"
#include "functions.hpp"
#include "lifecycle.hpp"
#include "objects.hpp"
#include "output.hpp"
#include "scopes.hpp"
#include "values.hpp"

#define HOLDFAST_TEXT_OF_(x) #x
#define HOLDFAST_TEXT_OF(x) HOLDFAST_TEXT_OF_(x)

namespace {

namespace c = holdfast::c;

#if HOLDFAST_HAS_FREE_THREADING
#define HOLDFAST_FLAG_T "t"
#else
#define HOLDFAST_FLAG_T ""
#endif
#ifdef Py_DEBUG
#define HOLDFAST_FLAG_D "d"
#else
#define HOLDFAST_FLAG_D ""
#endif

constexpr const char *built_for =
    HOLDFAST_TEXT_OF(PY_MAJOR_VERSION) "." HOLDFAST_TEXT_OF(PY_MINOR_VERSION)
        HOLDFAST_FLAG_T HOLDFAST_FLAG_D;

constexpr const char *runtime_version =
    HOLDFAST_TEXT_OF(HOLDFAST_VERSION_MAJOR) "." HOLDFAST_TEXT_OF(
        HOLDFAST_VERSION_MINOR) "." HOLDFAST_TEXT_OF(HOLDFAST_VERSION_PATCH);

constexpr holdfast_backend table{
    c::backend_abi,
    sizeof(holdfast_backend),
    built_for,
    runtime_version,
    &c::last_error_of_backend,
    &c::python_version,
    &c::start,
    &c::adopt,
    &c::subinterpreter_start,
    &c::finalize,
    &c::reopen,
    &c::report_text,
    &c::report_count,
    &c::report_thread,
    &c::report_where,
    &c::report_free,
    &c::view_of,
    &c::view_of_main,
    &c::view_of_this_thread,
    &c::attach,
    &c::attach_by_guard,
    &c::detach,
    &c::end,
    &c::is_attached,
    &c::hold,
    &c::guard_free,
    &c::exec,
    &c::eval,
    &c::find,
    &c::function_free,
    &c::call,
    &c::call_named,
    &c::value_clear,
    &c::value_copy,
    &c::object_keep,
    &c::object_free,
    &c::object_get,
    &c::object_set,
    &c::object_function,
    &c::object_text,
    &c::object_pointer,
    &c::object_wrap,
    &c::buffer_get,
    &c::buffer_release,
    &c::memory,
    &c::callable,
    &c::define,
    &c::raise,
    &c::executor_start,
    &c::executor_end,
    &c::submit,
    &c::redirect_output,
    &c::note_failure,
};

}  // namespace

#if defined(_WIN32)
#define HOLDFAST_EXPORTED __declspec(dllexport)
#else
#define HOLDFAST_EXPORTED __attribute__((visibility("default")))
#endif

extern "C" HOLDFAST_EXPORTED const holdfast_backend *holdfast_backend_v1() { return &table; }
