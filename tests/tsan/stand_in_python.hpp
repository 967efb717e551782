// Stands in for holdfast/python.hpp, so that attach/deferred.hpp runs without Python: an object knows
// the interpreter that it lives in, is dropped once, and there; and there are no errors to save.
#pragma once

#include "stress.hpp"

struct PyObject {
    std::uint64_t generation = 0;
    std::atomic<int> references{1};
};

struct PyThreadState;

/// Of the interpreter that the calling thread is attached to.
inline thread_local std::uint64_t attached_generation = 0;

inline void Py_DECREF(PyObject *object) {
    MUST(object->references.fetch_sub(1) == 1);
    MUST(object->generation == attached_generation);
    delete object;
}

namespace holdfast::detail {
class saved_error {
public:
    saved_error() {}  // like the real one's: a variable of it is not unused
};
}  // namespace holdfast::detail
