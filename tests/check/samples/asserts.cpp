// What stands behind an assertion is checked: a macro that may end the process seldom does.
#undef NDEBUG
#include <Python.h>

#include <cassert>
#include <cstdlib>

#define CHECK(condition) ((condition) ? (void)0 : std::abort())
#define DEMAND(condition)                                                                          \
    do {                                                                                           \
        if (!(condition))                                                                          \
            std::abort();                                                                          \
    } while (0)
#define UNLESS(condition) ((condition) || (std::abort(), false))
#define DIE() std::abort()

PyObject *behind_assert(PyObject *, PyObject *object) {
    PyThreadState *saved = PyEval_SaveThread();
    assert(object != nullptr);
    PyErr_Clear();  // expect HF601
    PyEval_RestoreThread(saved);
    Py_RETURN_NONE;
}

PyObject *behind_check(PyObject *, PyObject *object) {
    PyThreadState *saved = PyEval_SaveThread();
    CHECK(object != nullptr);
    PyErr_Clear();  // expect HF601
    PyEval_RestoreThread(saved);
    Py_RETURN_NONE;
}

PyObject *behind_demand(PyObject *, PyObject *object) {
    PyThreadState *saved = PyEval_SaveThread();
    DEMAND(object != nullptr);
    PyErr_Clear();  // expect HF601
    PyEval_RestoreThread(saved);
    Py_RETURN_NONE;
}

PyObject *behind_unless(PyObject *, PyObject *object) {
    PyThreadState *saved = PyEval_SaveThread();
    (void)UNLESS(object != nullptr);
    PyErr_Clear();  // expect HF601
    PyEval_RestoreThread(saved);
    Py_RETURN_NONE;
}

static void asserting(PyObject *object) { assert(object != nullptr); }

PyObject *behind_a_function_that_asserts(PyObject *, PyObject *object) {
    PyThreadState *saved = PyEval_SaveThread();
    asserting(object);
    PyErr_Clear();  // expect HF601
    PyEval_RestoreThread(saved);
    Py_RETURN_NONE;
}

PyObject *behind_the_end(PyObject *, PyObject *object) {
    PyThreadState *saved = PyEval_SaveThread();
    if (object == nullptr) {
        DIE();
        PyErr_Clear();
    }
    PyEval_RestoreThread(saved);
    Py_RETURN_NONE;
}
