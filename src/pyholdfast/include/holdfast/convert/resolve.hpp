// holdfast/convert/resolve.hpp: finding a Python function by name, once per interpreter.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

#include <holdfast/convert/value_path.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/python_error.hpp>

namespace holdfast {

/// The Python function that was named is not there (HF404), or cannot be called (HF405).
///
/// As a python_error it is what Python says: ModuleNotFoundError, AttributeError or TypeError.
class lookup_error : public python_error {
public:
    /// Takes the calling thread's current exception, which is then no longer set. Attached.
    lookup_error(const char *code, const std::string &problem, const std::string &remedy)
        : python_error(code, problem, remedy) {}
};

namespace detail {

/// Parameter names for vectorcall: the tuple at n holds the first n names. Null with an error set.
PyObject *make_keyword_tuples(const char *const *names, std::size_t count) noexcept;

owned import_module(const char *name);

/// What a name means in one interpreter.
///
/// Threads: written by a thread that is attached to the interpreter, under `publishing`; read by
///          such threads once `generation` is theirs. A record has one generation at a time, and
///          nobody is attached to an earlier one, so nobody reads what is overwritten.
struct resolved {
    static constexpr std::uint64_t never = static_cast<std::uint64_t>(-1);

    std::atomic<std::uint64_t> generation{never};
    std::atomic<interpreter_record *> record{nullptr};
    PyObject *callable = nullptr;  // ours
    PyObject *keywords = nullptr;  // ours; see make_keyword_tuples()
    std::atomic<resolved *> next{nullptr};
};

// A leaf: nothing of Python happens under it, so it may be waited for while attached.
inline std::mutex publishing;

/// What is kept of a name, or of anything else that each interpreter has its own of.
struct findings {
    owned callable;
    owned keywords;
};

findings find_function(const callee &call, std::size_t keyword_count);

/// What a Python function's name means, in each interpreter that it was called in.
///
/// Constant-initialised; nothing happens before the first find(). Threads: any.
class lookup_cache {
public:
    constexpr lookup_cache() noexcept = default;
    lookup_cache(const lookup_cache &) = delete;
    lookup_cache &operator=(const lookup_cache &) = delete;

    /// Also after Python has ended: what is left of it is then forgotten.
    ~lookup_cache() {
        drop(first_);
        for (resolved *entry = first_.next.load(std::memory_order_acquire); entry != nullptr;) {
            resolved *const next = entry->next.load(std::memory_order_relaxed);
            drop(*entry);
            delete entry;
            entry = next;
        }
    }

    /// What `call` means in `here`, to which the calling thread is attached.
    ///
    /// \param make  finds it. Several threads may do so at once; the first to come is right.
    [[nodiscard]] const resolved &find(interpreter_ref here, const callee &call,
                                       std::size_t keyword_count,
                                       findings (*make)(const callee &,
                                                        std::size_t) = &find_function) {
        // Generations are never used twice, whatever the interpreter, so this says it all.
        if (first_.generation.load(std::memory_order_acquire) == here.generation)
            return first_;
        return find_further(here, call, keyword_count, make);
    }

private:
    const resolved &find_further(interpreter_ref here, const callee &call,
                                 std::size_t keyword_count,
                                 findings (*make)(const callee &, std::size_t));

    /// The first to come keeps what it found; the others drop theirs, after the lock is released.
    const resolved &publish(interpreter_ref here, findings &made);

    /// The entry of an interpreter's record. Records are used again, so there are never many.
    resolved &entry_for(interpreter_record &record);

    static void drop(const resolved &entry) noexcept;

    resolved first_;
};

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/convert/resolve.ipp>
#endif
