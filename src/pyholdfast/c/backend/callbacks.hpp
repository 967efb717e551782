// c/backend/callbacks.hpp: C functions that Python calls, and exceptions that they raise.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <memory>
#include <string>
#include <utility>

#include <holdfast/calls/function_holder.hpp>
#include <holdfast/objects/exception_boundary.hpp>

#include "functions.hpp"

namespace holdfast::c {

/// The arguments of a call, converted to C; cleared at the end.
class read_arguments {
public:
    explicit read_arguments(std::size_t room)
        : heap_(room > in_place ? new hf_value[room] : nullptr) {}
    read_arguments(const read_arguments &) = delete;
    read_arguments &operator=(const read_arguments &) = delete;
    ~read_arguments() {
        for (std::size_t i = 0; i < count_; ++i)
            clear(first()[i]);
    }

    HOLDFAST_REQUIRES_ATTACHED void add(PyObject *argument, const value_path &where) {
        read(argument, first()[count_], where);
        ++count_;
    }
    hf_value *first() noexcept { return heap_ ? heap_.get() : stack_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

private:
    static constexpr std::size_t in_place = 8;
    hf_value stack_[in_place];
    std::unique_ptr<hf_value[]> heap_;
    std::size_t count_ = 0;
};

/// The exception type with this name: a built-in one, or one in a module.
HOLDFAST_REQUIRES_ATTACHED inline owned exception_type(const std::string &name) {
    const std::size_t dot = name.rfind('.');
    const std::string module = dot == std::string::npos ? "builtins" : name.substr(0, dot);
    const std::string last = dot == std::string::npos ? name : name.substr(dot + 1);
    const owned home = detail::import_module(module.c_str());
    owned type = detail::demand(PyObject_GetAttrString(home.get(), last.c_str()));
    if (!PyExceptionClass_Check(type.get())) {
        PyErr_Format(PyExc_TypeError, "hf_raise(): '%s' is not an exception", name.c_str());
        detail::throw_python_error();
    }
    return type;
}

/// A new exception. \throws python_error  there is no such type, or it needs other arguments
HOLDFAST_REQUIRES_ATTACHED inline owned make_exception(const std::string &type,
                                                       const std::string &text) {
    const owned its = exception_type(type);
    const owned said = detail::demand(
        PyUnicode_DecodeUTF8(text.c_str(), static_cast<Py_ssize_t>(text.size()), "replace"));
    return detail::demand(PyObject_CallFunctionObjArgs(its.get(), said.get(), nullptr));
}

/// A C function, its user's pointer, and what Python needs to call it.
class c_function final : public detail::held_function {
public:
    c_function(std::string name, hf_callback function, void *user, void (*drop)(void *))
        : name_(std::move(name)), function_(function), user_(user), drop_(drop) {
        definition_.ml_name = name_.c_str();
        definition_.ml_meth = reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&call));
        definition_.ml_flags = METH_FASTCALL;
    }
    ~c_function() override {
        if (drop_ != nullptr && is_ours_)
            drop_(user_);
    }

    [[nodiscard]] PyMethodDef *definition() noexcept { return &definition_; }

    /// Call this when the callable has been made: from now on, `drop` must be called.
    void take() noexcept { is_ours_ = true; }

private:
    static PyObject *call(PyObject *holder, PyObject *const *arguments, Py_ssize_t count) noexcept {
        auto &self = static_cast<c_function &>(detail::function_holder::function_of(holder));
        return detail::translate_exceptions([&]() -> PyObject * {
            try {
                return self.run(arguments, count);
            } catch (const python_error &) {
                throw;
            } catch (const error &problem) {  // an argument or the result is not convertible
                const hf_status status = number_of(problem.code());
                return set_exception(status, in_c_words(status, problem.what()));
            }
        });
    }

    HOLDFAST_REQUIRES_ATTACHED PyObject *run(PyObject *const *arguments, Py_ssize_t count) {
        const detail::callee here{"", "", name_.c_str(), "()"};
        read_arguments values(static_cast<std::size_t>(count));
        for (Py_ssize_t i = 0; i < count; ++i)
            values.add(arguments[i],
                       value_path::argument(here, nullptr, static_cast<std::size_t>(i) + 1));
        hf_value result;
        set_none(&result);
        callback_frame frame;
        const hf_status status = function_(user_, values.first(), values.count(), &result);
        struct clear_if_ours {
            hf_value &value;
            bool ours;
            ~clear_if_ours() {
                if (ours)
                    clear(value);
            }
        };
        const clear_if_ours at_end{result, is_result_of(frame, result)};
        if (status != HF_OK)
            return set_exception_for(status, frame);
        return write(result, value_path::result(here, nullptr));
    }

    /// Sets an exception for the status: that of this thread's last failure, if it has this status.
    HOLDFAST_REQUIRES_ATTACHED PyObject *set_exception_for(hf_status status,
                                                           callback_frame &frame) const {
        const error_texts *const last = last_error::of_this_thread();
        const bool is_last = frame.has_failed && last != nullptr && last->code == status;
        if (is_last && frame.exception) {
            detail::set_exception(Py_NewRef(frame.exception.get()));
            return nullptr;
        }
        if (is_last && status == HF_PYTHON_ERROR) {  // hf_raise() was called detached
            detail::set_exception(make_exception(last->type, last->message).release());
            return nullptr;
        }
        const std::string text = is_last ? last->message
                                         : "the C function '" + name_ + "' returned the status " +
                                               std::to_string(status) + " without hf_raise()";
        return set_exception(status, text);
    }

    HOLDFAST_REQUIRES_ATTACHED static PyObject *set_exception(hf_status status,
                                                              const std::string &text) {
        PyObject *type = PyExc_RuntimeError;
        if (status == 401 || status == 403)
            type = PyExc_TypeError;
        else if (status == 402)
            type = PyExc_OverflowError;
        detail::set_error_text(type, text.c_str());
        return nullptr;
    }

    const std::string name_;
    const hf_callback function_;
    void *const user_;
    void (*const drop_)(void *);
    bool is_ours_ = false;
    PyMethodDef definition_{};
};

/// A new Python callable. \param module  its `__module__`; null: none.
HOLDFAST_REQUIRES_ATTACHED inline owned make_callable(const char *name, PyObject *module,
                                                      hf_callback function, void *user,
                                                      void (*drop)(void *)) {
    auto held = std::make_unique<c_function>(name, function, user, drop);
    c_function &its = *held;
    const owned holder = detail::hold_function(std::move(held));
    owned made = detail::demand(PyCFunction_NewEx(its.definition(), holder.get(), module));
    its.take();
    return made;
}

inline hf_status callable(hf_callback function, void *user, void (*drop)(void *), hf_object **out) {
    if (function == nullptr)
        return given_nothing("hf_callable", "a function that is");
    return protect([&]() -> hf_status {
        const attached_here attached("hf_callable()");
        owned made = make_callable("callback", nullptr, function, user, drop);
        *out = new hf_object(object::steal(made.release()));
        return HF_OK;
    });
}

/// The module with this name; a new one if there is none to import.
HOLDFAST_REQUIRES_ATTACHED inline owned module_called(const char *name) {
    try {
        return detail::import_module(name);
    } catch (const lookup_error &) {  // HF404: there is none
        owned made(Py_XNewRef(PyImport_AddModule(name)));
        if (!made)
            detail::throw_python_error();
        const std::string whole = name;
        const std::size_t dot = whole.rfind('.');
        if (dot != std::string::npos) {  // an attribute of its package, as an import would make it
            const owned package = module_called(whole.substr(0, dot).c_str());
            if (PyObject_SetAttrString(package.get(), name + dot + 1, made.get()) != 0)
                detail::throw_python_error();
        }
        return made;
    }
}

inline hf_status define(const char *module, const char *name, hf_callback function, void *user) {
    return protect([&]() -> hf_status {
        const attached_here attached("hf_define()");
        const owned place = module_called(module);
        const owned its_name = detail::demand(PyUnicode_FromString(module));
        const owned made = make_callable(name, its_name.get(), function, user, nullptr);
        if (PyObject_SetAttrString(place.get(), name, made.get()) != 0)
            detail::throw_python_error();
        return HF_OK;
    });
}

inline hf_status raise(const char *type, const char *message) {
    // hf_last_type() is "" for an error that was no exception
    const std::string its_type = type != nullptr && *type != '\0' ? type : "RuntimeError";
    const std::string text = message != nullptr ? message : "";
    if (!attached())  // only recorded: a callback makes the exception when it returns
        return fail(HF_PYTHON_ERROR, text, its_type);
    return protect([&]() -> hf_status {
        const attached_here attached("hf_raise()");
        try {
            owned raised = make_exception(its_type, text);
            return fail(HF_PYTHON_ERROR, text, its_type, {}, object::steal(raised.release()));
        } catch (const python_error &problem) {  // there is no such type: raise that error
            return fail(HF_PYTHON_ERROR, problem.message(), problem.type(), problem.traceback(),
                        problem.exception());
        }
    });
}

}  // namespace holdfast::c
