// c/library/library.cpp: libholdfast. Each function of holdfast.h calls the one of the backend.
//
// It does not include Python.h: one library serves every Python. Longer than other files: it has one
// function for each of holdfast.h, in that order, and nearly all only forward.
#include <holdfast/holdfast.h>

#include <holdfast/platform/attributes.hpp>

#include "../value_memory.hpp"
#include "lifecycle.hpp"

namespace c = holdfast::c;

namespace {

/// The record of a view that was taken before any Python ran: generation 0 identifies it.
char first_run_record;

hf_status status_of_last() {
    const c::error_texts *const last = c::last_error::of_this_thread();
    return last != nullptr && last->code != 0 ? last->code : HF_NOT_STARTED;
}

hf_status given_no_place(const char *function) {
    return c::fail(c::bad_argument, std::string(function) + "() was given NULL for what it makes",
                   "pass the address of a variable");
}

template <class Handle>
bool begin_output(Handle **out) noexcept {
    if (out == nullptr)
        return false;
    *out = nullptr;
    return true;
}

/// What hf_submit() passes to the backend, so that a task's error becomes the library's last error.
struct accepted_task {
    const holdfast_backend *table;
    void(HF_CALL *done)(void *user, hf_status status, const hf_value *result);
    void *user;
};

// An attach, a call, and an end that find no backend connected. They are functions of their own, so
// that the others need to keep nothing while a backend is looked for.

HOLDFAST_DETAIL_COLD hf_status attach_first(hf_scope *scope, hf_view view, void *from) {
    if (scope == nullptr)
        return given_no_place("hf_attach");
    const holdfast_backend *const table = c::table_in_use();
    if (table == nullptr) {
        scope->reserved[0] = 0;
        return status_of_last();
    }
    return c::checked(table, table->attach(scope, view, from));
}

HOLDFAST_DETAIL_COLD hf_status call_first(hf_function *function, const hf_value *args, size_t count,
                                          hf_value *result, void *from) {
    const holdfast_backend *const table = c::table_in_use();
    if (table == nullptr) {
        c::set_none(result);
        return status_of_last();
    }
    return c::checked(table, table->call(function, args, count, result, from));
}

HOLDFAST_DETAIL_COLD void end_first(hf_scope *scope) {
    if (const holdfast_backend *const table = c::table_if_any())
        table->end(scope);
}

void call_done(void *accepted, hf_status status, const hf_value *result) {
    const accepted_task its = *static_cast<accepted_task *>(accepted);
    delete static_cast<accepted_task *>(accepted);
    if (status != HF_OK)
        c::failed(its.table, status);
    its.done(its.user, status, result);
}

}  // namespace

// The first line of most functions: gets the backend, or returns why there is none.
#define HF_TABLE_OR_RETURN                                   \
    const holdfast_backend *const table = c::table_in_use(); \
    if (table == nullptr)                                    \
    return status_of_last()
#define HF_TABLE_OR_GIVE(value)                              \
    const holdfast_backend *const table = c::table_if_any(); \
    if (table == nullptr)                                    \
    return value
#define HF_FROM __builtin_return_address(0)

extern "C" {

uint32_t HF_CALL hf_abi_version(void) { return HF_ABI_VERSION; }

const char *HF_CALL hf_python_version(void) {
    const holdfast_backend *const table = c::table_if_any();
    return table != nullptr && c::has_run() ? table->python_version() : "";
}

// --- start and end ---------------------------------------------------------------------------

hf_status HF_CALL hf_start(const hf_config *config, hf_interpreter **out) {
    if (!begin_output(out))
        return given_no_place("hf_start");
    return c::protect([&] { return c::start(config, out); });
}

hf_status HF_CALL hf_adopt(hf_interpreter **out) {
    if (!begin_output(out))
        return given_no_place("hf_adopt");
    return c::protect([&] { return c::adopt(out); });
}

hf_status HF_CALL hf_subinterpreter_start(hf_interpreter *main, int own_gil, hf_interpreter **out) {
    if (!begin_output(out))
        return given_no_place("hf_subinterpreter_start");
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->subinterpreter_start(main, own_gil, out));
}

hf_status HF_CALL hf_finalize(hf_interpreter *interpreter, int64_t limit_ms, hf_report **out) {
    return hf_finalize_interrupting(interpreter, limit_ms, -1, out);
}

hf_status HF_CALL hf_finalize_interrupting(hf_interpreter *interpreter, int64_t limit_ms,
                                           int64_t patience_ms, hf_report **out) {
    begin_output(out);
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->finalize(interpreter, limit_ms, patience_ms, out));
}

hf_status HF_CALL hf_reopen(hf_interpreter *interpreter) {
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->reopen(interpreter));
}

const char *HF_CALL hf_report_text(const hf_report *report) {
    HF_TABLE_OR_GIVE("");
    return table->report_text(report);
}
size_t HF_CALL hf_report_count(const hf_report *report) {
    HF_TABLE_OR_GIVE(0);
    return table->report_count(report);
}
uint64_t HF_CALL hf_report_thread(const hf_report *report, size_t row) {
    HF_TABLE_OR_GIVE(0);
    return table->report_thread(report, row);
}
const char *HF_CALL hf_report_where(const hf_report *report, size_t row) {
    HF_TABLE_OR_GIVE("");
    return table->report_where(report, row);
}
void HF_CALL hf_report_free(hf_report *report) {
    if (const holdfast_backend *const table = c::table_for(report))
        table->report_free(report);
}

// --- views and scopes ------------------------------------------------------------------------

hf_view HF_CALL hf_view_of(hf_interpreter *interpreter) {
    const holdfast_backend *const table = c::table_for(interpreter);
    return table != nullptr ? table->view_of(interpreter) : hf_view{nullptr, 0};
}

hf_view HF_CALL hf_main_view(void) {
    HF_TABLE_OR_GIVE((hf_view{&first_run_record, 0}));
    return table->main_view();
}

hf_view HF_CALL hf_current_view(void) {
    HF_TABLE_OR_GIVE((hf_view{nullptr, 0}));
    return table->current_view();
}

hf_status HF_CALL hf_attach(hf_scope *scope, hf_view view) {
    const holdfast_backend *const table = c::table_at_once();
    if (table == nullptr || scope == nullptr)
        return attach_first(scope, view, HF_FROM);
    return c::checked_here(table->attach(scope, view, HF_FROM));
}

hf_status HF_CALL hf_attach_guard(hf_scope *scope, hf_guard *guard) {
    if (scope == nullptr)
        return given_no_place("hf_attach_guard");
    scope->reserved[0] = 0;
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->attach_guard(scope, guard, HF_FROM));
}

hf_status HF_CALL hf_detach(hf_scope *scope) {
    if (scope == nullptr)
        return given_no_place("hf_detach");
    scope->reserved[0] = 0;
    const holdfast_backend *const table = c::table_if_any();
    return table != nullptr ? table->detach(scope) : HF_OK;
}

void HF_CALL hf_end(hf_scope *scope) {
    if (scope == nullptr || scope->reserved[0] == 0)
        return;
    if (const holdfast_backend *const table = c::table_at_once())
        table->end(scope);
    else
        end_first(scope);
}

hf_status HF_CALL hf_with(hf_view view, hf_status(HF_CALL *body)(void *), void *user) {
    struct ended_scope {
        hf_scope scope;
        ~ended_scope() { hf_end(&scope); }
    } attached;
    attached.scope.reserved[0] = 0;
    HF_TABLE_OR_RETURN;
    if (body == nullptr)
        return c::fail(c::bad_argument, std::string("hf_with() was given no function"),
                       "pass the function to call");
    const hf_status status = table->attach(&attached.scope, view, HF_FROM);
    return status != HF_OK ? c::failed(table, status) : body(user);
}

int HF_CALL hf_attached(void) {
    const holdfast_backend *const table = c::table_if_any();
    return table != nullptr ? table->attached() : 0;
}

hf_status HF_CALL hf_hold(hf_view view, hf_guard **out) {
    if (!begin_output(out))
        return given_no_place("hf_hold");
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->hold(view, HF_FROM, out));
}

void HF_CALL hf_guard_free(hf_guard *guard) {
    if (const holdfast_backend *const table = c::table_for(guard))
        table->guard_free(guard);
}

// --- code and functions ----------------------------------------------------------------------

hf_status HF_CALL hf_exec(const char *code) {
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->exec(code, HF_FROM));
}

hf_status HF_CALL hf_eval(const char *expression, hf_value *result) {
    c::set_none(result);
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->eval(expression, result, HF_FROM));
}

hf_status HF_CALL hf_find(const char *module, const char *name, hf_function **out) {
    if (!begin_output(out))
        return given_no_place("hf_find");
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->find(module, name, out, HF_FROM));
}

void HF_CALL hf_function_free(hf_function *function) {
    if (const holdfast_backend *const table = c::table_for(function))
        table->function_free(function);
}

hf_status HF_CALL hf_call(hf_function *function, const hf_value *args, size_t count,
                          hf_value *result) {
    const holdfast_backend *const table = c::table_at_once();
    if (table == nullptr)
        return call_first(function, args, count, result, HF_FROM);
    return c::checked_here(table->call(function, args, count, result, HF_FROM));
}

hf_status HF_CALL hf_call_named(hf_function *function, const hf_value *args, size_t count,
                                const char *const *names, const hf_value *named, size_t named_count,
                                int64_t limit_ms, hf_value *result) {
    const holdfast_backend *const table = c::table_in_use();
    if (table == nullptr) {
        c::set_none(result);
        return status_of_last();
    }
    return c::checked(table, table->call_named(function, args, count, names, named, named_count,
                                               limit_ms, result, HF_FROM));
}

void HF_CALL hf_value_clear(hf_value *value) {
    if (value == nullptr)
        return;
    if (const holdfast_backend *const table = c::table_for_value(*value))
        table->value_clear(value);
    else
        c::clear_value(*value, [](hf_object *) {});  // before the start there are no objects
}

hf_status HF_CALL hf_value_copy(const hf_value *from, hf_value *to) {
    const holdfast_backend *const table = from != nullptr ? c::table_for_value(*from) : nullptr;
    if (table != nullptr)
        return c::checked(table, table->value_copy(from, to));
    if (from == nullptr || to == nullptr) {
        c::set_none(to);
        return c::fail(c::bad_argument, "hf_value_copy() was given a value that is NULL",
                       "pass the address of a value");
    }
    return c::protect([&]() -> hf_status {
        const c::copy_fault fault =
            c::copy_value(*from, *to, [](hf_object *one) { return one; }, [](hf_object *) {});
        if (fault == c::copy_fault::none)
            return HF_OK;
        if (fault == c::copy_fault::depth)
            return c::fail(c::value_too_deep, "hf_value_copy(): lists are nested too deeply",
                           "pass flatter data");
        return c::fail(c::bad_argument,
                       "hf_value_copy(): a value's kind is none of hf_kind, its pointer "
                       "is NULL, or its size is negative",
                       "set the kind and the data of each value");
    });
}

// --- objects and memory ----------------------------------------------------------------------

hf_object *HF_CALL hf_object_keep(hf_object *object) {
    const holdfast_backend *const table = c::table_for(object);
    return table != nullptr ? table->object_keep(object) : nullptr;
}

void HF_CALL hf_object_free(hf_object *object) {
    if (const holdfast_backend *const table = c::table_for(object))
        table->object_free(object);
}

hf_status HF_CALL hf_object_get(hf_object *object, const char *attribute, hf_value *result) {
    c::set_none(result);
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->object_get(object, attribute, result));
}

hf_status HF_CALL hf_object_set(hf_object *object, const char *attribute, const hf_value *value) {
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->object_set(object, attribute, value));
}

hf_status HF_CALL hf_object_function(hf_object *object, const char *method, hf_function **out) {
    if (!begin_output(out))
        return given_no_place("hf_object_function");
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->object_function(object, method, out));
}

hf_status HF_CALL hf_object_text(hf_object *object, hf_value *result) {
    c::set_none(result);
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->object_text(object, result));
}

void *HF_CALL hf_object_pointer(hf_object *object) {
    const holdfast_backend *const table = c::table_in_use();
    if (table == nullptr)
        return nullptr;
    void *const pointer = table->object_pointer(object);
    if (pointer == nullptr)
        c::failed(table, HF_PYTHON_ERROR);
    return pointer;
}

hf_status HF_CALL hf_object_wrap(void *pyobject, hf_object **out) {
    if (!begin_output(out))
        return given_no_place("hf_object_wrap");
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->object_wrap(pyobject, out));
}

hf_status HF_CALL hf_buffer_get(hf_object *object, int writable, hf_buffer *out) {
    if (out == nullptr)
        return given_no_place("hf_buffer_get");
    std::memset(out, 0, sizeof *out);
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->buffer_get(object, writable, out));
}

void HF_CALL hf_buffer_release(hf_buffer *buffer) {
    if (buffer == nullptr || buffer->reserved[0] == nullptr)
        return;
    if (const holdfast_backend *const table = c::table_if_any())
        table->buffer_release(buffer);
}

hf_status HF_CALL hf_memory(void *data, size_t size, int readonly, void(HF_CALL *release)(void *),
                            void *user, hf_object **out) {
    if (!begin_output(out))
        return given_no_place("hf_memory");
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->memory(data, size, readonly, release, user, out));
}

// --- callbacks -------------------------------------------------------------------------------

hf_status HF_CALL hf_callable(hf_callback function, void *user, void(HF_CALL *drop)(void *),
                              hf_object **out) {
    if (!begin_output(out))
        return given_no_place("hf_callable");
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->callable(function, user, drop, out));
}

hf_status HF_CALL hf_define(const char *module, const char *name, hf_callback function,
                            void *user) {
    if (module == nullptr || name == nullptr || function == nullptr)
        return c::fail(c::bad_argument, "hf_define() was given NULL for a name or the function",
                       "pass both names and the function");
    return c::protect([&]() -> hf_status {
        if (const holdfast_backend *const table = c::table_if_any()) {
            const hf_status status = table->define(module, name, function, user);
            // If Python does not run, the next start defines it.
            if (status != HF_OK && status != HF_NOT_STARTED && status != HF_FINALIZED)
                return c::failed(table, status);
            const hf_view here = table->current_view();
            if (here.record != nullptr && here.record != table->main_view().record)
                return HF_OK;  // a sub-interpreter's, which is not started again
        }
        c::definitions::of_process().add({module, name, function, user});
        return HF_OK;
    });
}

hf_status HF_CALL hf_raise(const char *type, const char *message) {
    if (const holdfast_backend *const table = c::table_if_any())
        return c::failed(table, table->raise(type, message));
    return c::last_error::set(HF_PYTHON_ERROR, message != nullptr ? message : "",
                              type != nullptr && *type != '\0' ? type : "RuntimeError", {});
}

// --- executor and output ---------------------------------------------------------------------

hf_status HF_CALL hf_executor_start(hf_view view, size_t threads, hf_executor **out) {
    if (!begin_output(out))
        return given_no_place("hf_executor_start");
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->executor_start(view, threads, out));
}

hf_status HF_CALL hf_executor_end(hf_executor *executor) {
    if (executor == nullptr)
        return HF_OK;
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->executor_end(executor));
}

hf_status HF_CALL
hf_submit(hf_executor *executor, hf_function *function, const hf_value *args, size_t count,
          void(HF_CALL *done)(void *user, hf_status status, const hf_value *result), void *user) {
    HF_TABLE_OR_RETURN;
    if (done == nullptr)
        return c::checked(table, table->submit(executor, function, args, count, nullptr, nullptr));
    auto *const accepted = new (std::nothrow) accepted_task{table, done, user};
    if (accepted == nullptr)
        return c::fail(c::out_of_resources, std::string("there is no memory"), "free some");
    c::keep_this_library();  // the task needs call_done()
    const hf_status status = table->submit(executor, function, args, count, &call_done, accepted);
    if (status != HF_OK)
        delete accepted;
    return c::checked(table, status);
}

hf_status HF_CALL hf_redirect_output(hf_interpreter *interpreter,
                                     void(HF_CALL *line)(void *user, int stream, const char *thread,
                                                         const char *text, size_t size),
                                     void *user) {
    HF_TABLE_OR_RETURN;
    return c::checked(table, table->redirect_output(interpreter, line, user));
}

// --- this thread's last error ----------------------------------------------------------------

int HF_CALL hf_last_code(void) {
    const c::error_texts *const last = c::last_error::of_this_thread();
    return last != nullptr ? last->code : 0;
}
const char *HF_CALL hf_last_message(void) {
    const c::error_texts *const last = c::last_error::of_this_thread();
    return last != nullptr ? last->message.c_str() : "";
}
const char *HF_CALL hf_last_type(void) {
    const c::error_texts *const last = c::last_error::of_this_thread();
    return last != nullptr ? last->type.c_str() : "";
}
const char *HF_CALL hf_last_traceback(void) {
    const c::error_texts *const last = c::last_error::of_this_thread();
    return last != nullptr ? last->traceback.c_str() : "";
}

}  // extern "C"
