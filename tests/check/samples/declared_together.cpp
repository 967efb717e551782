// Members and variables that one declaration declares: each is a variable of its own.
#include <Python.h>

#include <functional>
#include <vector>

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

// Uses that do not begin with the name.
#define BEGIN() macro_hooks.begin()
#define FIRST_OF(object) object.begin()
#define SET_STEP(object) object.step = needs_python
struct {
    void (*begin)(), (*step)();
} macro_hooks, step;
static struct {
    void (*begin)(), (*step)();
} set_hooks;
static struct {
    void (*idle)(), (*end)();
} many_hooks[2];
void fill_hooks(int end) {
    macro_hooks.begin = nothing;
    macro_hooks.step = needs_python;
    SET_STEP(set_hooks);
    many_hooks[end].idle = nothing;
    many_hooks[end].end = needs_python;
}
PyObject *by_macro(PyObject *, PyObject *) {
    int end = 0;
    Py_BEGIN_ALLOW_THREADS
    BEGIN();
    Py_END_ALLOW_THREADS macro_hooks.step();
    Py_BEGIN_ALLOW_THREADS
    FIRST_OF(step);
    set_hooks.begin();
    set_hooks.step();  // not known
    many_hooks[end].idle();
    many_hooks[end].end();  // expect HF601
    macro_hooks.step();  // expect HF601
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static std::vector<std::function<void()>> early, late;
void fill_lists() {
    late.push_back([] { PyErr_Clear(); });
    for (auto &each : early)
        each();
}
PyObject *by_list(PyObject *, PyObject *) {
    Py_BEGIN_ALLOW_THREADS
    for (const std::function<void()> &each : early)
        each();
    for (const std::function<void()> &each : late)
        each();  // expect HF601
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static std::function<void()> wrap(const std::function<void()> &, std::function<void()> other) {
    return other;
}
PyObject *by_wrapped(PyObject *, PyObject *) {
    const std::function<void()> plain = [] {}, wrapped = wrap(plain, [] { PyErr_Clear(); });
    Py_BEGIN_ALLOW_THREADS
    plain();
    wrapped();  // expect HF601
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

// A file that is included ends within a call.
static struct {
    void (*idle)(int), (*step)(int);
} numbered;
PyObject *by_included(PyObject *, PyObject *) {
    Py_BEGIN_ALLOW_THREADS
    numbered.idle(0);
#include "called_last.h"
    1);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}
