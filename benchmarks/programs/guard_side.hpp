// guard_side.hpp: the measures of a peer whose guard is made without arguments.
//
// PyGILState, pybind11 and nanobind differ in nothing but the guard; so do their measures.
#pragma once

#include "python_side.hpp"  // first: it includes Python.h

#include "measure.hpp"

namespace bench {

template <class Guard>
PyObject *make_small_function() {
    const Guard attached;
    return evaluate(small_function);
}

template <class Guard>
samples small_call(const request &asked) {
    const plain_python python;
    PyObject *const function = make_small_function<Guard>();
    return on_native_thread([&] {
        return repeat(asked, [&] {
            const Guard attached;
            call_small(function);
        });
    });
}

template <class Guard>
samples small_call_threads(const request &asked) {
    const plain_python python;
    PyObject *const function = make_small_function<Guard>();
    return repeat_on_threads(asked, [&] {
        const Guard attached;
        call_small(function);
    });
}

template <class Guard>
samples attach(const request &asked) {
    const plain_python python;
    make_small_function<Guard>();  // whatever the peer sets up at first is no part of it
    return on_native_thread([&] { return repeat(asked, [] { const Guard attached; }); });
}

template <class Guard>
samples nested(const request &asked) {
    const plain_python python;
    return on_native_thread([&] {
        const Guard outer;
        return repeat(asked, [] { const Guard attached; });
    });
}

/// `add(function)` is the peer's way to call it with 1.5 and 2.5 and to get a double.
template <class Guard, class Add>
samples typed_call(const Add &add) {
    const plain_python python;
    return on_native_thread([&] {
        const Guard attached;
        define_add();
        PyObject *const function = evaluate("add");
        samples taken = add(function);
        Py_DECREF(function);
        check_sum();
        return taken;
    });
}

}  // namespace bench
