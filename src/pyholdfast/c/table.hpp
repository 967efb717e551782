// c/table.hpp: what libholdfast and a backend agree on.
//
// A backend is the C++ runtime compiled for one Python. It exports one function,
// holdfast_backend_v1(), which returns this table. Must not include <Python.h>: the library includes
// it, too.
//
// The table only grows at its end. A library accepts a backend with the same `abi` whose table is at
// least as long as the one it knows.
#pragma once

#include <cstddef>
#include <cstdint>

#include <holdfast/holdfast.h>

extern "C" {

/// This thread's last failure in the backend. The texts are valid until its next failure there.
struct holdfast_backend_error {
    int code;
    const char *message, *type, *traceback;
};

struct holdfast_backend {
    std::uint32_t abi;   // holdfast_backend_abi
    std::uint32_t size;  // of the table
    const char *python;  // the Python that it was built for: "3.12", "3.13t", "3.12d"
    const char *runtime_version;

    void (*last_error)(holdfast_backend_error *out);
    const char *(*python_version)();

    // --- lifecycle. `config` has all fields; `executable` and `home` are resolved.
    hf_status (*start)(const hf_config *config, hf_interpreter **out);
    hf_status (*adopt)(hf_interpreter **out);
    hf_status (*subinterpreter_start)(hf_interpreter *main, int own_gil, hf_interpreter **out);
    /// \param patience_ms  < 0: interrupts no thread.
    hf_status (*finalize)(hf_interpreter *, std::int64_t limit_ms, std::int64_t patience_ms,
                          hf_report **out);
    hf_status (*reopen)(hf_interpreter *);
    const char *(*report_text)(const hf_report *);
    std::size_t (*report_count)(const hf_report *);
    std::uint64_t (*report_thread)(const hf_report *, std::size_t);
    const char *(*report_where)(const hf_report *, std::size_t);
    void (*report_free)(hf_report *);

    // --- views and scopes. `from`: the caller's return address, for reports.
    hf_view (*view_of)(hf_interpreter *);
    hf_view (*main_view)();
    hf_view (*current_view)();
    hf_status (*attach)(hf_scope *, hf_view, void *from);
    hf_status (*attach_guard)(hf_scope *, hf_guard *, void *from);
    hf_status (*detach)(hf_scope *);
    void (*end)(hf_scope *);
    int (*attached)();
    hf_status (*hold)(hf_view, void *from, hf_guard **out);
    void (*guard_free)(hf_guard *);

    // --- code, functions, values
    hf_status (*exec)(const char *code, void *from);
    hf_status (*eval)(const char *expression, hf_value *result, void *from);
    hf_status (*find)(const char *module, const char *name, hf_function **out, void *from);
    void (*function_free)(hf_function *);
    hf_status (*call)(hf_function *, const hf_value *args, std::size_t count, hf_value *result,
                      void *from);
    hf_status (*call_named)(hf_function *, const hf_value *args, std::size_t count,
                            const char *const *names, const hf_value *named,
                            std::size_t named_count, std::int64_t limit_ms, hf_value *result,
                            void *from);
    void (*value_clear)(hf_value *);
    hf_status (*value_copy)(const hf_value *, hf_value *);

    // --- objects and memory
    hf_object *(*object_keep)(hf_object *);
    void (*object_free)(hf_object *);
    hf_status (*object_get)(hf_object *, const char *attribute, hf_value *result);
    hf_status (*object_set)(hf_object *, const char *attribute, const hf_value *value);
    hf_status (*object_function)(hf_object *, const char *method, hf_function **out);
    hf_status (*object_text)(hf_object *, hf_value *result);
    void *(*object_pointer)(hf_object *);
    hf_status (*object_wrap)(void *pyobject, hf_object **out);
    hf_status (*buffer_get)(hf_object *, int writable, hf_buffer *out);
    void (*buffer_release)(hf_buffer *);
    hf_status (*memory)(void *data, std::size_t size, int readonly, void (*release)(void *),
                        void *user, hf_object **out);

    // --- callbacks
    hf_status (*callable)(hf_callback, void *user, void (*drop)(void *), hf_object **out);
    hf_status (*define)(const char *module, const char *name, hf_callback, void *user);
    hf_status (*raise)(const char *type, const char *message);

    // --- executor and output
    hf_status (*executor_start)(hf_view, std::size_t threads, hf_executor **out);
    hf_status (*executor_end)(hf_executor *);
    hf_status (*submit)(hf_executor *, hf_function *, const hf_value *args, std::size_t count,
                        void (*done)(void *user, hf_status status, const hf_value *result),
                        void *user);
    hf_status (*redirect_output)(hf_interpreter *,
                                 void (*line)(void *user, int stream, const char *thread,
                                              const char *text, std::size_t size),
                                 void *user);

    // --- errors
    /// Notes a failure of the library's own on this thread, as if it were the backend's.
    void (*note)(int code, const char *message);
};

using holdfast_backend_function = const holdfast_backend *(*)();

}  // extern "C"

namespace holdfast::c {

/// Changes if an entry of the table is changed or removed.
inline constexpr std::uint32_t backend_abi = 1;

}  // namespace holdfast::c
