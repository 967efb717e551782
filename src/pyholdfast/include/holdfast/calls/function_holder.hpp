// holdfast/calls/function_holder.hpp: a Python object that owns a C++ function.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <holdfast/annotations.hpp>
#include <holdfast/convert/resolve.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/python_error.hpp>

namespace holdfast::detail {

/// The function in a holder. Called and destroyed attached, on whichever thread Python does so.
class held_function {
public:
    held_function() = default;
    held_function(const held_function &) = delete;
    held_function &operator=(const held_function &) = delete;
    virtual ~held_function();

    /// Adds a reference that the garbage collector can see. Attached to the object's interpreter.
    HOLDFAST_REQUIRES_ATTACHED void keep(const object &one);

    [[nodiscard]] std::size_t kept_count() const noexcept { return kept_.size(); }
    [[nodiscard]] PyObject *kept(std::size_t index) const noexcept { return kept_[index]; }

    /// Changes and allocates nothing: the collector may be in the middle of its work.
    int visit_cached(visitproc visit, void *arg) const noexcept;

    /// A dropped object may call back into this one, so all references are removed before the first
    /// is dropped.
    void drop_cached() noexcept;

private:
    // Our references. Written before Python sees the holder, and by its tp_clear.
    std::vector<PyObject *> kept_;
};

/// The Python object that is the Python function's `self`.
struct function_holder {
    PyObject ob_base;
    held_function *function;

    static held_function &function_of(PyObject *holder) noexcept {
        return *reinterpret_cast<function_holder *>(holder)->function;
    }
};

/// A new holder.
/// \throws python_error, closed_error
HOLDFAST_REQUIRES_ATTACHED owned hold_function(std::unique_ptr<held_function> function);

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/calls/function_holder.ipp>
#endif
