// holdfast/objects/per_interpreter.hpp: a variable with a separate value for each interpreter.
//
// A Python object belongs to one interpreter, so a static variable that keeps one is wrong in every
// other interpreter: in a sub-interpreter, and after a restart. The same is true of a C++ value
// computed from Python.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <holdfast/attach/waits.hpp>
#include <holdfast/error.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/python_error.hpp>

namespace holdfast {

namespace detail {

class interpreter_store;

/// One interpreter's value of a per_interpreter. Owned by a capsule in that interpreter's own
/// dictionary, which CPython clears, attached, at the very end of the interpreter.
struct stored_value {
    stored_value() = default;
    stored_value(const stored_value &) = delete;
    stored_value &operator=(const stored_value &) = delete;
    virtual ~stored_value() = default;

    once_flag once;
    interpreter_ref home;
    interpreter_store *store = nullptr;  // guarded by `storing`; null: the store is gone, or does
                                         // not know this value
};

template <class T>
struct stored_as : stored_value {
    std::optional<T> value;
    std::atomic<T *> made{nullptr};  // set once, with release, after `value`

    static std::unique_ptr<stored_value> create() { return std::make_unique<stored_as>(); }
};

// Guards which values belong to which store. A leaf: no Python code runs under it, so attached
// threads may wait for it.
inline std::mutex storing;

/// The values of all interpreters: a chain with one entry for each record (not each generation).
///
/// Constant-initialised. Threads: any, attached.
///
/// Why find() needs no lock: only ~interpreter_store frees an entry. A thread attached to the
/// interpreter of `record` writes its words under `storing`: `value` first, then `generation`, with
/// release. A generation is never reused, so a thread that reads its own generation reads the value
/// that was published for it. And a value is destroyed only when its interpreter ends, when no
/// other thread is attached to it.
class interpreter_store {
public:
    constexpr interpreter_store() noexcept = default;
    interpreter_store(const interpreter_store &) = delete;
    interpreter_store &operator=(const interpreter_store &) = delete;

    /// The interpreters keep the values.
    ~interpreter_store();

    [[nodiscard]] stored_value *find(interpreter_ref here) const noexcept {
        for (const entry *one = &first_; one != nullptr;
             one = one->next.load(std::memory_order_acquire))
            if (one->generation.load(std::memory_order_acquire) == here.generation)
                return one->value.load(std::memory_order_relaxed);
        return nullptr;
    }

    /// \throws python_error  out of memory.
    [[nodiscard]] stored_value &find_or_add(interpreter_ref here,
                                            std::unique_ptr<stored_value> (*create)()) {
        stored_value *const found = find(here);
        return found != nullptr ? *found : add(here, create());
    }

private:
    static constexpr const char *capsule_name = "holdfast.per_interpreter";
    static constexpr std::uint64_t never = static_cast<std::uint64_t>(-1);

    struct entry {
        std::atomic<std::uint64_t> generation{never};
        std::atomic<interpreter_record *> record{nullptr};
        std::atomic<stored_value *> value{nullptr};
        std::atomic<entry *> next{nullptr};
    };

    stored_value &add(interpreter_ref here, std::unique_ptr<stored_value> fresh);
    stored_value &publish(interpreter_ref here, stored_value &fresh);
    entry &entry_for(interpreter_record &record);
    static void destroy(PyObject *capsule) noexcept;

    entry first_;
};

/// The interpreter that the calling thread is attached to.
/// \throws usage_error HF216; closed_error  it is ending, and was never registered.
inline interpreter_ref demand_interpreter(const char *what) {
    const interpreter_ref here = attached_ref();
    if (here.record == nullptr) {
        if (!attached())
            demand_attached(what);
        throw closed_error(closed_reason::finalizing);
    }
    return here;
}

}  // namespace detail

/// A T for each interpreter, made when it is first needed there. Meant for a static variable.
///
/// It corresponds to pybind11's gil_safe_call_once_and_store and PyO3's PyOnceLock, but
/// interpreters never share a value: each sub-interpreter, even one that other code created, and a
/// restarted Python get their own.
///
///     static holdfast::per_interpreter<holdfast::object> decimal;
///     decimal.get_or_init([] { return holdfast::eval<holdfast::object>("…"); });
///
/// Owns:    nothing: a T belongs to its interpreter. The thread that ends the interpreter destroys
///          it, attached, at the very end, after the modules. The end of the per_interpreter does
///          not destroy it. T's destructor may drop references, but must not call Python. If Python
///          is never finalized, it is never destroyed.
/// Threads: any, attached; constant-initialised. All threads of an interpreter share its T.
template <class T>
class per_interpreter {
public:
    constexpr per_interpreter() noexcept = default;

    /// The value of the interpreter that the thread is attached to; null if it has none, or no
    /// longer has one.
    /// \throws usage_error   HF216 if the thread is not attached.
    /// \throws closed_error  the interpreter is ending.
    [[nodiscard]] HOLDFAST_REQUIRES_ATTACHED T *get() const {
        auto *const own = static_cast<detail::stored_as<T> *>(
            store_.find(detail::demand_interpreter("per_interpreter::get()")));
        return own != nullptr ? own->made.load(std::memory_order_acquire) : nullptr;
    }

    /// The same; if there is no value yet, one thread calls `make()` to create it, and others wait,
    /// detached. If `make()` throws, there is still no value, and the next caller tries again.
    /// \throws usage_error   HF216 if the thread is not attached; HF221 if `make` calls back into
    ///                       this per_interpreter.
    /// \throws closed_error  the interpreter is ending.
    template <class Make>
    HOLDFAST_REQUIRES_ATTACHED T &get_or_init(Make &&make) {
        auto &own = static_cast<detail::stored_as<T> &>(
            store_.find_or_add(detail::demand_interpreter("per_interpreter::get_or_init()"),
                               &detail::stored_as<T>::create));
        if (T *const made = own.made.load(std::memory_order_acquire))
            return *made;
        call_once(own.once, [&] {
            own.value.emplace(std::forward<Make>(make)());
            own.made.store(&*own.value, std::memory_order_release);
        });
        return *own.value;
    }

private:
    detail::interpreter_store store_;
};

/// call_once()'s memory of each interpreter. Constant-initialised, so it may be a static variable.
///
/// Owns:    nothing: each interpreter owns its part, which ends with it.
/// Threads: any, attached.
class interpreter_once_flag {
public:
    constexpr interpreter_once_flag() noexcept = default;

private:
    template <class F>
    friend void call_once(interpreter_once_flag &flag, F &&initialise);

    detail::interpreter_store store_;
};

/// Runs `initialise()` once in each interpreter, attached; other threads of the same interpreter
/// wait, detached.
///
/// If it throws, the flag stays unset and the next caller in this interpreter tries again.
/// \throws usage_error   HF216 if the thread is not attached; HF221 if `initialise` calls
///                       call_once() with its own flag.
/// \throws closed_error  the interpreter is ending.
template <class F>
HOLDFAST_REQUIRES_ATTACHED void call_once(interpreter_once_flag &flag, F &&initialise) {
    const auto create = [] { return std::make_unique<detail::stored_value>(); };
    call_once(flag.store_.find_or_add(detail::demand_interpreter("call_once()"), +create).once,
              std::forward<F>(initialise));
}

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/objects/per_interpreter.ipp>
#endif
