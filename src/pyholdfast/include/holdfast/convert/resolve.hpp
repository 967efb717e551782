// holdfast/convert/resolve.hpp: finds a Python function by name, once per interpreter.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

#include <holdfast/annotations.hpp>
#include <holdfast/convert/value_path.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/python_error.hpp>

namespace holdfast {

/// The named Python function does not exist (HF404), or is not callable (HF405).
///
/// As a python_error it carries Python's own exception: ModuleNotFoundError, AttributeError or
/// TypeError.
class lookup_error : public python_error {
public:
    /// Takes the calling thread's current exception, which is then no longer set.
    HOLDFAST_REQUIRES_ATTACHED lookup_error(const char *code, const std::string &problem,
                                            const std::string &remedy)
        : python_error(code, problem, remedy) {}
};

namespace detail {

/// Parameter names for vectorcall: the tuple at index n holds the first n names. Null with an error
/// set.
PyObject *make_keyword_tuples(const char *const *names, std::size_t count) noexcept;

owned import_module(const char *name);

/// What a name refers to in one interpreter.
///
/// Threads: written under `publishing` by a thread that is attached to the interpreter; read by
///          such threads once `generation` is theirs. A record has one generation at a time, and no
///          thread is attached to an earlier one, so no thread reads an entry that is being
///          overwritten.
struct resolved {
    static constexpr std::uint64_t never = static_cast<std::uint64_t>(-1);

    std::atomic<std::uint64_t> generation{never};
    std::atomic<interpreter_record *> record{nullptr};
    PyObject *callable = nullptr;  // our reference
    PyObject *keywords = nullptr;  // our reference; see make_keyword_tuples()
    PyObject *init = nullptr;      // our reference, only for a dataclass; see find_dataclass()
    std::atomic<resolved *> next{nullptr};
};

// A leaf: no Python code runs under it, so attached threads may wait for it.
inline std::mutex publishing;

/// What a lookup_cache stores for a name, or for anything else that each interpreter has its own
/// copy of.
struct findings {
    owned callable;
    owned keywords;
    owned init{};
};

findings find_function(const callee &call, std::size_t keyword_count);

/// What a Python function's name refers to, for each interpreter in which it was called.
///
/// Constant-initialised; does nothing before the first find(). Threads: any.
class lookup_cache {
public:
    constexpr lookup_cache() noexcept = default;
    lookup_cache(const lookup_cache &) = delete;
    lookup_cache &operator=(const lookup_cache &) = delete;

    /// May run after Python has ended; the remaining references are then forgotten.
    ~lookup_cache() {
        drop(first_);
        for (resolved *entry = first_.next.load(std::memory_order_acquire); entry != nullptr;) {
            resolved *const next = entry->next.load(std::memory_order_relaxed);
            drop(*entry);
            delete entry;
            entry = next;
        }
    }

    /// What `call` refers to in `here`, the interpreter that the calling thread is attached to.
    ///
    /// \param make  looks it up. Several threads may do so at the same time; the first result is
    ///              used.
    [[nodiscard]] const resolved &find(interpreter_ref here, const callee &call,
                                       std::size_t keyword_count,
                                       findings (*make)(const callee &,
                                                        std::size_t) = &find_function) {
        // No interpreter ever reuses a generation, so comparing it is enough.
        if (first_.generation.load(std::memory_order_acquire) == here.generation)
            return first_;
        return find_further(here, call, keyword_count, make);
    }

private:
    const resolved &find_further(interpreter_ref here, const callee &call,
                                 std::size_t keyword_count,
                                 findings (*make)(const callee &, std::size_t));

    /// Keeps the first thread's result; other threads drop theirs, after the lock is released.
    const resolved &publish(interpreter_ref here, findings &made);

    /// The entry of an interpreter's record. Records are reused, so there are never many.
    resolved &entry_for(interpreter_record &record);

    static void drop(const resolved &entry) noexcept;

    resolved first_;
};

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/convert/resolve.ipp>
#endif
