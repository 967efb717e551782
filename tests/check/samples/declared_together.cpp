// Members and variables that one declaration declares: each is a variable of its own.
#include <Python.h>

#include <functional>

static void nothing() {}
static void needs_python() { PyErr_Clear(); }

struct table {
    void (*begin)(), (*step)(), (*end)();
};
static table hooks;
void fill_table() {
    hooks.begin = nothing;
    hooks.step = needs_python;
    hooks.end = nothing;
}
PyObject *by_table(PyObject *, PyObject *) {
    Py_BEGIN_ALLOW_THREADS
    hooks.begin();
    hooks.step();  // expect HF601
    hooks.end();
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

using hook = void (*)();
hook first = nothing, second = needs_python;
hook assigned, unused;
void fill_variables(hook given) {
    assigned = needs_python;
    unused = given;
}
PyObject *by_variable(PyObject *, PyObject *) {
    Py_BEGIN_ALLOW_THREADS
    first();
    second();  // expect HF601
    assigned();  // expect HF601
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

struct keeper {
    std::function<void()> plain, with_python;
    void keep(std::function<void()> one, std::function<void()> other) {
        plain = std::move(one);
        with_python = std::move(other);
    }
    void call() {
        Py_BEGIN_ALLOW_THREADS
        plain();
        with_python();  // expect HF601
        Py_END_ALLOW_THREADS
    }
};
PyObject *by_keeper(PyObject *, PyObject *) {
    keeper kept;
    kept.keep([] {}, [] { PyErr_Clear(); });
    kept.call();
    Py_RETURN_NONE;
}

static PyGILState_STATE kept_by_one, kept_by_other;
void keeps_one() {
    kept_by_one = PyGILState_Ensure();  // expect HF619
    PyErr_Clear();
    PyGILState_Release(kept_by_one);
}
void keeps_both() {
    kept_by_one = PyGILState_Ensure();  // expect HF619
    kept_by_other = PyGILState_Ensure();  // expect HF619
    PyErr_Clear();
    PyGILState_Release(kept_by_other);
    PyGILState_Release(kept_by_one);
}

// Two functions that give the same member something.
struct given_twice {
    std::function<void()> kept, other;
    given_twice(std::function<void()> begin, std::function<void()> rest) : kept(begin), other(rest) {}
    void again(std::function<void()> later) { kept = std::move(later); }
    void call() {
        Py_BEGIN_ALLOW_THREADS
        kept();
        other();  // expect HF601
        Py_END_ALLOW_THREADS
    }
};
PyObject *by_given_twice(PyObject *, PyObject *) {
    given_twice object([] {}, [] { PyErr_Clear(); });
    object.again([] {});
    object.call();
    Py_RETURN_NONE;
}
PyObject *by_local(PyObject *, PyObject *) {
    const std::function<void()> plain = [] {}, with_python = [] { PyErr_Clear(); };
    Py_BEGIN_ALLOW_THREADS
    plain();
    with_python();  // expect HF601
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

// The members of a base class come first.
struct base_table {
    void (*idle)();
};
struct derived_table : base_table {
    void (*needs)();
    void (*rests)();
};
static derived_table derived = {{nothing}, needs_python};
PyObject *by_derived(PyObject *, PyObject *) {
    Py_BEGIN_ALLOW_THREADS
    derived.idle();
    derived.needs();  // which member has which function is not known
    derived.rests();
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}
