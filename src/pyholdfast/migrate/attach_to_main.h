/* attach_to_main(): attaches the calling thread to the main interpreter, as PEP 788 has it.
 *
 *     PyThreadStateToken *token = attach_to_main();
 *     if (token == NULL)
 *         return;
 *     ...
 *     PyThreadState_Release(token);
 *
 * Written by holdfast migrate --to pep788; yours to change. C99 and C++, for CPython 3.10 and later.
 * From 3.15 on, a thread that has the token holds the end of Python back. Before 3.15 a thread is
 * refused only if Python has ended, or is ending, at this moment.
 */
#ifndef ATTACH_TO_MAIN_H
#define ATTACH_TO_MAIN_H

#include <Python.h>

#include <stdint.h>

#if PY_VERSION_HEX < 0x030F0000

typedef struct PyThreadStateToken PyThreadStateToken;

/* The token is the result of PyGILState_Ensure(), plus one: NULL is no token. */
static inline PyThreadStateToken *attach_to_main(void) {
    if (!Py_IsInitialized())
        return NULL;
#if PY_VERSION_HEX < 0x030D0000
    if (_Py_IsFinalizing())
        return NULL;
#else
    if (Py_IsFinalizing())
        return NULL;
#endif
    return (PyThreadStateToken *)((intptr_t)PyGILState_Ensure() + 1);
}

static inline void PyThreadState_Release(PyThreadStateToken *token) {
    PyGILState_Release((PyGILState_STATE)((intptr_t)token - 1));
}

#else

/* NULL if Python has ended, or if there is no memory. */
static inline PyThreadStateToken *attach_to_main(void) {
    PyInterpreterView *const view = PyInterpreterView_FromMain();
    PyThreadStateToken *token;
    if (view == NULL)
        return NULL;
    token = PyThreadState_EnsureFromView(view);
    PyInterpreterView_Close(view);
    return token;
}

#endif
#endif
