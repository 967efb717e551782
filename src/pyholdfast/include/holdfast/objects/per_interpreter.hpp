// holdfast/objects/per_interpreter.hpp: a value that each interpreter has for itself.
//
// A Python object belongs to one interpreter, so a static variable that keeps one is
// wrong in every other: in a sub-interpreter, and after a restart. The same is true of a C++ value
// that was worked out from Python.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <holdfast/attach/lock.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/python_error.hpp>

namespace holdfast {

namespace detail {

class interpreter_store;

/// What one interpreter has of a per_interpreter. Owned by a capsule in that interpreter's own
/// dictionary, which CPython clears in the last moments of the interpreter, attached.
struct stored_value {
    stored_value() = default;
    stored_value(const stored_value &) = delete;
    stored_value &operator=(const stored_value &) = delete;
    virtual ~stored_value() = default;

    once_flag once;
    interpreter_ref home;
    interpreter_store *store = nullptr;  // guarded by `storing`; null: gone, or does not know it
};

template <class T>
struct stored_as : stored_value {
    std::optional<T> value;
    std::atomic<T *> made{nullptr};  // set once, released, after `value`

    static std::unique_ptr<stored_value> create() { return std::make_unique<stored_as>(); }
};

// Guards which values belong to which store. A leaf: nothing of Python happens under it, so it may
// be waited for while attached.
inline std::mutex storing;

/// The values of all interpreters: a chain with one entry for each record that was met, never for
/// each generation.
///
/// Constant-initialised. Threads: any, attached.
///
/// Why find() needs no lock: an entry is freed by ~interpreter_store alone. Its words are written
/// under `storing`, by a thread that is attached to the interpreter of `record`: `value` first,
/// then `generation`, released. A generation is never used twice, so whoever reads its own reads
/// what was published for it; and a value is destroyed only when its interpreter ends, when nobody
/// else is attached to it.
class interpreter_store {
public:
    constexpr interpreter_store() noexcept = default;
    interpreter_store(const interpreter_store &) = delete;
    interpreter_store &operator=(const interpreter_store &) = delete;

    /// The values stay with their interpreters.
    ~interpreter_store();

    [[nodiscard]] stored_value *find(interpreter_ref here) const noexcept {
        for (const entry *one = &first_; one != nullptr;
             one = one->next.load(std::memory_order_acquire))
            if (one->generation.load(std::memory_order_acquire) == here.generation)
                return one->value.load(std::memory_order_relaxed);
        return nullptr;
    }

    /// \throws python_error  no memory.
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
/// \throws usage_error HF216; closed_error  it is ending, and was never known.
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

/// A T for each interpreter, made when it is first wanted there. Meant to be a static variable.
///
/// What pybind11 calls gil_safe_call_once_and_store and PyO3 PyOnceLock, but never another
/// interpreter's: a sub-interpreter, whoever made it, and a Python that was started again each get
/// their own.
///
///     static holdfast::per_interpreter<holdfast::object> decimal;
///     decimal.get_or_init([] { return holdfast::eval<holdfast::object>("…"); });
///
/// Owns:    nothing: a T belongs to its interpreter, and is destroyed in its last moments,
///          attached, by the thread that ends it, after its modules; the end of the per_interpreter
///          leaves them alone. Its destructor may drop references, and must not call Python. A
///          Python that is never finalized never destroys it.
/// Threads: any, attached; constant-initialised. A T is shared by all threads of its interpreter.
template <class T>
class per_interpreter {
public:
    constexpr per_interpreter() noexcept = default;

    /// The value of the interpreter that the thread is attached to; null if it has none yet, or
    /// none any more.
    /// \throws usage_error   HF216 if the thread is not attached.
    /// \throws closed_error  the interpreter is ending.
    [[nodiscard]] HOLDFAST_REQUIRES_ATTACHED T *get() const {
        auto *const own = static_cast<detail::stored_as<T> *>(
            store_.find(detail::demand_interpreter("per_interpreter::get()")));
        return own != nullptr ? own->made.load(std::memory_order_acquire) : nullptr;
    }

    /// The same; where there is none yet, `make()` makes it, once, however many threads come. The
    /// others wait detached. If it throws, there is still none, and the next caller tries again.
    /// \throws usage_error   HF216 if the thread is not attached; HF221 if `make` comes back to its
    ///                       own.
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

/// What call_once() remembers of each interpreter. Constant-initialised, so it may be a static
/// variable.
///
/// Owns:    nothing: what it remembers belongs to the interpreters, and ends with each.
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
/// wait for it detached.
///
/// If it throws, the flag stays unset and the next caller in this interpreter tries again.
/// \throws usage_error   HF216 if the thread is not attached; HF221 if `initialise` comes back to
///                       its own flag.
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
