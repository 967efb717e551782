// holdfast/objects/object.hpp: an owned reference to a Python object, which any thread may destroy.
//
// It only handles ownership; calls/function.hpp, which includes conversions, defines attr() and call().
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/attach/deferred.hpp>
#include <holdfast/attach/guards.hpp>

namespace holdfast {

namespace detail {

/// Whether the calling thread is attached to the interpreter without a guard of ours.
///
/// Unlike attached_ref() it does not register an interpreter: objects also die while an interpreter
/// is taken down, after its record was given up.
HOLDFAST_DETAIL_COLD inline bool is_attached_otherwise(interpreter_ref home) noexcept {
    return current_state(cached_thread) != nullptr &&
           home.record->generation.load(std::memory_order_acquire) == home.generation &&
           home.record->interpreter.load(std::memory_order_acquire) ==
               PyInterpreterState_Get();  // holdfast: ignore[HF601] current_state() says so
}

/// Whether the calling thread is attached to this very interpreter.
inline bool is_at_home(interpreter_ref home) noexcept {
    if (home.record == nullptr)
        return false;
    const thread_record *const self = cached_thread;
    if (is_in_guard(self))
        return self->attached_to == home;
    return is_attached_otherwise(home);
}

/// Drops one strong reference: at once if the thread is attached to the object's interpreter, else
/// when the next thread attaches to it. If that interpreter is gone, the object is too, and nothing
/// is dropped.
inline void drop_reference(interpreter_ref home, PyObject *reference) noexcept {
    if (is_at_home(home))
        Py_DECREF(reference);  // holdfast: ignore[HF601] is_at_home() requires an attached thread
    else
        drop_later(home, reference);
}

/// Why this interpreter's objects may no longer be used; none if they may, even while it closes.
inline closed_reason gone(interpreter_ref ref) noexcept {
    if (ref.record == nullptr ||
        (ref.record->generation.load(std::memory_order_acquire) == ref.generation &&
         ref.record->interpreter.load(std::memory_order_acquire) != nullptr))
        return closed_reason::none;  // no record: the interpreter is ending right now
    return refusal(ref);
}

/// One strong reference, for a scope that stays attached.
class owned {
public:
    owned() = default;
    explicit owned(PyObject *reference) noexcept : pointer_(reference) {}
    owned(owned &&other) noexcept : pointer_(other.release()) {}
    owned &operator=(owned &&other) noexcept {
        std::swap(pointer_, other.pointer_);
        return *this;
    }
    ~owned() { Py_XDECREF(pointer_); }

    [[nodiscard]] PyObject *get() const noexcept { return pointer_; }
    [[nodiscard]] PyObject *release() noexcept { return std::exchange(pointer_, nullptr); }
    explicit operator bool() const noexcept { return pointer_ != nullptr; }

private:
    PyObject *pointer_ = nullptr;
};

[[noreturn]] void demand_attached(const char *what);

}  // namespace detail

/// An owned reference to a Python object; may be empty.
///
/// Owns:    one strong reference, and knows which interpreter the object belongs to.
/// Threads: destroy and move on any thread, attached or not, also after Python has ended. If a
///          detached thread drops a reference, the next thread that attaches to its interpreter
///          (nested or not), or returns from a detach_guard, releases it; after that interpreter's
///          end it is forgotten. As with shared_ptr, only one thread at a time may use the same
///          object.
class object {
public:
    object() = default;

    /// Takes over a new reference, e.g. the result of PyObject_Call(); null makes an empty object.
    /// \throws usage_error  HF216 if the thread is not attached.
    [[nodiscard]] HOLDFAST_REQUIRES_ATTACHED static object steal(PyObject *reference) {
        if (reference == nullptr)
            return {};
        const detail::interpreter_ref home = detail::attached_ref();
        if (home.record == nullptr && !attached())
            detail::demand_attached("object::steal()");
        return object(reference, home);
    }

    /// Adds its own reference to one that other code owns; null makes an empty object.
    /// \throws usage_error  HF216 if the thread is not attached.
    [[nodiscard]] HOLDFAST_REQUIRES_ATTACHED static object borrow(PyObject *reference) {
        object result = steal(reference);
        Py_XINCREF(reference);
        return result;
    }

    object(object &&other) noexcept
        : pointer_(std::exchange(other.pointer_, nullptr)), home_(other.home_) {}

    /// If the thread is not attached, this attaches.
    /// \throws closed_error  the object's interpreter is gone, or refuses the thread.
    object(const object &other) : home_(other.home_) {
        if (other.pointer_ == nullptr)
            return;
        if (detail::is_at_home(home_)) {
            Py_INCREF(other.pointer_);
        } else {
            const attach_guard attached{interpreter_view(home_)};
            Py_INCREF(other.pointer_);
        }
        pointer_ = other.pointer_;
    }

    object &operator=(object other) noexcept {
        std::swap(pointer_, other.pointer_);
        std::swap(home_, other.home_);
        return *this;
    }

    ~object() {
        if (pointer_ != nullptr)
            detail::drop_reference(home_, pointer_);
    }

    /// The object, borrowed: use it while attached to view(). Null if empty.
    /// \throws closed_error  the object's interpreter has ended.
    /// \throws usage_error   HF408 the thread is attached to another interpreter.
    [[nodiscard]] PyObject *get() const {
        if (pointer_ != nullptr && !detail::is_at_home(home_))
            demand_usable();
        return pointer_;
    }

    /// Gives the reference to the caller, who must drop it while attached to view(). Null if empty,
    /// or if the object's interpreter has ended.
    [[nodiscard]] PyObject *release() noexcept {
        PyObject *const reference = std::exchange(pointer_, nullptr);
        return detail::gone(home_) == closed_reason::none ? reference : nullptr;
    }

    explicit operator bool() const noexcept { return pointer_ != nullptr; }

    /// The interpreter that the object belongs to.
    [[nodiscard]] interpreter_view view() const noexcept { return interpreter_view(home_); }

    /// The attribute `name`. Attaches if necessary. Needs calls.hpp.
    /// \throws python_error, closed_error
    [[nodiscard]] object attr(const char *name) const;

    /// Calls the object with positional arguments, converted as for function<>. Attaches if
    /// necessary. Needs calls.hpp.
    /// \throws python_error, conversion_error, closed_error
    template <class Result = object, class... Args>
    Result call(const Args &...arguments) const;

private:
    object(PyObject *reference, detail::interpreter_ref home) noexcept
        : pointer_(reference), home_(home) {}

    /// The thread is not known to be attached to the object's interpreter: throws if it must not
    /// use the object.
    void demand_usable() const;

    PyObject *pointer_ = nullptr;
    detail::interpreter_ref home_{};
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/objects/object.ipp>
#endif
