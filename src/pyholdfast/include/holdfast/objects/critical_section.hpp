// holdfast/objects/critical_section.hpp: locks one or two Python objects for a scope.
//
// Without a GIL, C++ code that reads an object and then changes it needs the lock that CPython's
// own methods of that object take. With a GIL an attached thread is already safe, and nothing is
// locked.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/objects/object.hpp>

namespace holdfast {

/// Holds the lock of one or two Python objects on a free-threaded build; on other builds it does
/// nothing.
///
/// CPython suspends it, as it suspends the GIL: code inside that detaches (a detach_guard, a wait,
/// Python code that runs) lets other threads in until this one is attached again. So sections
/// cannot deadlock, in whatever order and however deep they nest. But do not detach in the middle
/// of a change that other threads must not see half-done.
///
/// Owns:    no reference: the caller keeps the objects alive.
/// Threads: construct and destroy on one attached thread, in reverse order with other guards.
class critical_section {
public:
    /// \throws usage_error  HF216 if the thread is not attached.
    HOLDFAST_DETAIL_NAMED HOLDFAST_REQUIRES_ATTACHED explicit critical_section(PyObject *one) {
        begin(one, nullptr);
    }

    /// Locks both at once: two sections that name them in opposite order do not deadlock.
    HOLDFAST_DETAIL_NAMED HOLDFAST_REQUIRES_ATTACHED critical_section(PyObject *one,
                                                                      PyObject *other) {
        begin(one, other);
    }

    /// An empty object has no lock.
    /// \throws usage_error  HF216 if the thread is not attached, HF408 if it is to another
    ///                      interpreter.
    HOLDFAST_DETAIL_NAMED HOLDFAST_REQUIRES_ATTACHED explicit critical_section(const object &one) {
        begin(one.get(), nullptr);
    }
    HOLDFAST_DETAIL_NAMED HOLDFAST_REQUIRES_ATTACHED critical_section(const object &one,
                                                                      const object &other) {
        begin(one.get(), other.get());
    }

    critical_section(const critical_section &) = delete;
    critical_section &operator=(const critical_section &) = delete;

    // Never trivial: even where it does nothing, a section must not look like an unused variable.
    ~critical_section() {
#if HOLDFAST_HAS_FREE_THREADING
        if (locked_ == 2)
            PyCriticalSection2_End(&section_.two);
        else if (locked_ == 1)
            PyCriticalSection_End(&section_.one);
#endif
    }

private:
    void begin(PyObject *one, PyObject *other) {
        if (!attached())
            detail::demand_attached("critical_section");
#if HOLDFAST_HAS_FREE_THREADING
        if (one == nullptr || one == other)
            one = std::exchange(other, nullptr);
        locked_ = (one != nullptr ? 1 : 0) + (other != nullptr ? 1 : 0);
        if (locked_ == 2)
            PyCriticalSection2_Begin(&section_.two, one, other);
        else if (locked_ == 1)
            PyCriticalSection_Begin(&section_.one, one);
#else
        (void)one, (void)other;
#endif
    }

#if HOLDFAST_HAS_FREE_THREADING
    union {
        PyCriticalSection one;
        PyCriticalSection2 two;
    } section_;
    int locked_ = 0;
#endif
};

}  // namespace holdfast
