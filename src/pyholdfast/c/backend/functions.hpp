// c/backend/functions.hpp: code, lookups and calls.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include <holdfast/calls/deadline.hpp>
#include <holdfast/calls/run.hpp>

#include "scopes.hpp"
#include "values.hpp"

namespace holdfast::c {

inline hf_status exec(const char *code, void *from) {
    if (code == nullptr)
        return given_nothing("hf_exec", "code that is");
    return protect([&]() -> hf_status {
        const attached_here attached(from);
        detail::run_text(code, "<exec>", Py_file_input);
        return HF_OK;
    });
}

inline hf_status eval(const char *expression, hf_value *result, void *from) {
    set_none(result);
    if (expression == nullptr)
        return given_nothing("hf_eval", "an expression that is");
    return protect([&]() -> hf_status {
        const attached_here attached(from);
        // As Python's own eval() does: the compiler would take blanks for indentation
        const char *const text = expression + std::strspn(expression, " \t");
        const detail::callee call{"eval(\"", "", text, "\")"};
        take_result(detail::run_text(text, "<eval>", Py_eval_input).release(), result,
                    value_path::result(call, nullptr));
        return HF_OK;
    });
}

inline hf_status find(const char *module, const char *name, hf_function **out, void *from) {
    if (module == nullptr || name == nullptr)
        return given_nothing("hf_find", "a name that is");
    return protect([&]() -> hf_status {
        const attached_here attached(from);
        *out = new hf_function(object::steal(detail::find_callable(module, name).release()), module,
                               name);
        return HF_OK;
    });
}

inline void function_free(hf_function *function) { drop(function); }

/// Room for the arguments of a call: on the stack, or on the heap if there are many.
class argument_room {
public:
    explicit argument_room(std::size_t count)
        : heap_(count > in_place ? new PyObject *[count + 1] : nullptr) {}
    /// The first argument comes after one word that the called function may use.
    PyObject **first() noexcept { return (heap_ ? heap_.get() : stack_) + 1; }

private:
    static constexpr std::size_t in_place = 8;
    PyObject *stack_[in_place + 1];
    std::unique_ptr<PyObject *[]> heap_;
};

/// The argument at `i`, written. Attached.
HOLDFAST_REQUIRES_ATTACHED inline PyObject *write_argument(const hf_function &function,
                                                           const hf_value *args, std::size_t i) {
    return args[i].kind == HF_FLOAT  // short cuts past write()
               ? PyFloat_FromDouble(args[i].as.real)
               : args[i].kind == HF_INT
                     ? PyLong_FromLongLong(args[i].as.integer)
                     : write(args[i], value_path::argument(function.call, function.pointer, i + 1));
}

/// What a call returned. Attached.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_INLINE void take_returned(const hf_function &function,
                                                                     PyObject *returned,
                                                                     hf_value *result) {
    if (returned != nullptr && (result == nullptr || PyFloat_CheckExact(returned))) {
        if (result != nullptr) {
            result->kind = HF_FLOAT;
            result->as.real = PyFloat_AS_DOUBLE(returned);
        }
        Py_DECREF(returned);
        return;
    }
    take_result(returned, result, value_path::result(function.call, function.pointer));
}

/// A call with positional arguments only. Attached to the function's interpreter.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_INLINE void call_positional(const hf_function &function,
                                                                       const hf_value *args,
                                                                       std::size_t count,
                                                                       hf_value *result) {
    argument_room room(count);
    detail::held_arguments arguments(room.first());
    for (std::size_t i = 0; i < count; ++i)
        arguments.push(write_argument(function, args, i));
    take_returned(function,
                  PyObject_Vectorcall(function.pointer, room.first(),
                                      count | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr),
                  result);
}

/// Attached to the function's interpreter.
HOLDFAST_REQUIRES_ATTACHED inline void call_attached(const hf_function &function,
                                                     const hf_value *args, std::size_t count,
                                                     const char *const *names,
                                                     const hf_value *named, std::size_t named_count,
                                                     hf_value *result) {
    if (named_count == 0)
        return call_positional(function, args, count, result);
    argument_room room(count + named_count);
    detail::held_arguments arguments(room.first());
    for (std::size_t i = 0; i < count; ++i)
        arguments.push(write_argument(function, args, i));
    const owned keywords = detail::demand(PyTuple_New(static_cast<Py_ssize_t>(named_count)));
    for (std::size_t i = 0; i < named_count; ++i) {
        arguments.push(
            write(named[i], value_path::argument(function.call, function.pointer, count + i + 1)));
        PyTuple_SET_ITEM(keywords.get(), static_cast<Py_ssize_t>(i),
                         detail::demand(PyUnicode_InternFromString(names[i])).release());
    }
    take_returned(function,
                  PyObject_Vectorcall(function.pointer, room.first(),
                                      count | PY_VECTORCALL_ARGUMENTS_OFFSET, keywords.get()),
                  result);
}

/// Whether the thread is attached by a scope of ours, so that the call needs no further one.
inline bool is_nested(const interpreter_view &view) noexcept {
    const detail::thread_record *const self = detail::cached_thread;
    return self != nullptr && self->attached != nullptr &&
           self->attached_to == view.unresolved_ref() && detail::is_attached_with(self->attached) &&
           !detail::has_drops(*self->attached_to.record);
}

HOLDFAST_DETAIL_COLD inline hf_status no_call(const char *function, const char *what) {
    return wrong_argument(
        std::string(function) + "() was given " + what + " NULL, or a negative number of arguments",
        "test the status of the call that should have made it, and the number");
}

/// Calls `body`, which makes the call. No exception leaves it.
template <class Body>
HOLDFAST_DETAIL_INLINE hf_status call_protected(hf_value *result, const Body &body) {
    const hf_status status = protect(body);
    if (__builtin_expect(static_cast<long>(status != HF_OK), 0) != 0)
        set_none(result);
    return status;
}

/// The call of a thread that is attached by a scope of ours.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_INLINE hf_status call_nested(const hf_function &function,
                                                                        const hf_value *args,
                                                                        std::size_t count,
                                                                        hf_value *result) {
    return call_protected(result, [&]() __attribute__((always_inline)) -> hf_status {
        call_positional(function, args, count, result);
        return HF_OK;
    });
}

/// The call of a thread that is not. A function of its own, so that the nested call needs no
/// registers for it.
HOLDFAST_DETAIL_HOT inline hf_status attach_and_call(const hf_function &function,
                                                     const hf_value *args, std::size_t count,
                                                     hf_value *result, void *from) {
    return call_protected(result, [&]() __attribute__((always_inline)) -> hf_status {
        // Ends before a failure is noted: destructors that it runs may fail, too
        const attach_guard attached(function.view, std::nothrow, site_of(from));
        if (!attached)
            return refused(attached.reason());
        call_positional(function, args, count, result);
        return HF_OK;
    });
}

inline hf_status call(hf_function *function, const hf_value *args, std::size_t count,
                      hf_value *result, void *from) {
    if (function == nullptr || !is_memory(args, count)) {
        set_none(result);
        return no_call("hf_call", "a function or arguments that are");
    }
    return is_nested(function->view) ? call_nested(*function, args, count, result)
                                     : attach_and_call(*function, args, count, result, from);
}

inline hf_status call_named(hf_function *function, const hf_value *args, std::size_t count,
                            const char *const *names, const hf_value *named,
                            std::size_t named_count, std::int64_t limit_ms, hf_value *result,
                            void *from) {
    if (function == nullptr || !is_memory(args, count) || !is_memory(names, named_count) ||
        !is_memory(named, named_count) ||
        (named_count != 0 &&
         std::find(names, names + named_count, nullptr) != names + named_count)) {
        set_none(result);
        return no_call("hf_call_named", "a function, arguments or a name that is");
    }
    const hf_status status = protect([&]() -> hf_status {
        const auto work = [&] {
            call_attached(*function, args, count, names, named, named_count, result);
        };
        if (limit_ms < 0) {
            const attach_guard attached(function->view, site_of(from));
            work();
        } else {
            within(std::chrono::milliseconds(limit_ms), function->view, work, site_of(from));
        }
        return HF_OK;
    });
    if (status != HF_OK)  // not before: it may be the variable of an argument
        set_none(result);
    return status;
}

}  // namespace holdfast::c
