/* Macros that leave under a condition of their own, macros that are blocks, and conditions met twice. */
#include <Python.h>

#include <sys/stat.h>

extern double work(double);
extern int is_busy(void);
extern PyThreadState *state_for(int number);

#define BEGIN_WORK                                           \
    if (is_busy()) {                                         \
        PyErr_SetString(PyExc_RuntimeError, "already busy"); \
        return NULL;                                         \
    }                                                        \
    Py_BEGIN_ALLOW_THREADS
#define END_WORK Py_END_ALLOW_THREADS
#define TAKE_OR_LEAVE(state)         \
    (state) = PyGILState_Ensure();   \
    if (is_busy()) {                 \
        PyGILState_Release((state)); \
        return;                      \
    }

static PyObject *behind_the_way_out(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    BEGIN_WORK
    work(1);
    END_WORK
    Py_RETURN_NONE;
}

static PyObject *behind_the_way_out_detached(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    BEGIN_WORK
    PyErr_Clear();  // expect HF601
    END_WORK
    Py_RETURN_NONE;
}

void before_the_condition(void) {
    PyGILState_STATE state;
    TAKE_OR_LEAVE(state)
    PyErr_Clear();
    PyGILState_Release(state);
}

void before_the_condition_and_kept(void) {
    PyGILState_STATE state;
    TAKE_OR_LEAVE(state)
    PyErr_Clear();
}  // expect HF603

static PyObject *without_braces(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    double many = work(1);
    if (many > 2)
        Py_BEGIN_ALLOW_THREADS
        work(2);
        Py_END_ALLOW_THREADS
    else if (many > 1)
        Py_BEGIN_ALLOW_THREADS
        PyErr_Clear();  // expect HF601
        Py_END_ALLOW_THREADS
    else
        PyErr_Clear();
    Py_RETURN_NONE;
}

/* Of the two branches, the compiler's report has nothing: it begins no statement of a block there. */
static PyObject *by_a_branch(PyObject *self, PyObject *unused) {
    int result = 0;
    (void)self, (void)unused;
    Py_BEGIN_ALLOW_THREADS
    if (result) {
        result = 1;
    } else
#if defined(_WIN32)
        result = mkdir("folder");
#else
        result = mkdir("folder", 0700);
#endif
    Py_END_ALLOW_THREADS
    if (result < 0)
        PyErr_SetFromErrno(PyExc_OSError);
    return PyLong_FromLong(result);
}

static PyObject *by_a_flag(PyObject *self, PyObject *unused) {
    int flags = is_busy();
    PyThreadState *saved = NULL;
    (void)self, (void)unused;
    if ((flags & 4) == 0)
        saved = PyEval_SaveThread();
    work(1);
    if ((flags & 4) == 0)
        PyEval_RestoreThread(saved);
    PyErr_Clear();
    Py_RETURN_NONE;
}

static PyObject *by_another_flag(PyObject *self, PyObject *unused) {
    int flags = is_busy();
    PyThreadState *saved = NULL;
    (void)self, (void)unused;
    if ((flags & 4) == 0)
        saved = PyEval_SaveThread();
    if ((flags & 8) == 0)
        PyEval_RestoreThread(saved);  // expect HF605
    return PyLong_FromLong(1);  // expect HF601, HF603
}

/* What was attached is not null. */
void tests_what_it_attached(int number) {
    PyThreadState *state = state_for(number);
    if (state == NULL)
        return;
    PyEval_AcquireThread(state);
    PyErr_Clear();
    if (state) {
        PyThreadState_Clear(state);
        PyEval_ReleaseThread(state);
    }
}

void tests_another_one(int number) {
    PyThreadState *state = state_for(number);
    PyThreadState *other = state_for(number + 1);
    PyEval_AcquireThread(state);
    PyErr_Clear();
    if (other)
        PyEval_ReleaseThread(state);
}  // expect HF603

/* The caller gets what undoes the attach, if there is a result. */
static PyObject *found_override(PyGILState_STATE *state, PyObject *object, const char *name) {
    PyObject *found;
    *state = PyGILState_Ensure();
    found = PyObject_GetAttrString(object, name);
    if (found != NULL)
        return found;
    PyErr_Clear();
    PyGILState_Release(*state);
    return NULL;
}

static PyObject *runs_an_override(PyObject *self, PyObject *unused) {
    PyGILState_STATE state;
    PyObject *override = found_override(&state, self, "run");
    (void)unused;
    if (override != NULL) {
        Py_DECREF(override);
        PyErr_Clear();
        PyGILState_Release(state);
    }
    PyErr_Clear();
    Py_RETURN_NONE;
}

PyMethodDef of_conditional_macros[] = {
    {"behind_the_way_out", behind_the_way_out, METH_NOARGS, ""},
    {"behind_the_way_out_detached", behind_the_way_out_detached, METH_NOARGS, ""},
    {"without_braces", without_braces, METH_NOARGS, ""},
    {"by_a_branch", by_a_branch, METH_NOARGS, ""},
    {"by_a_flag", by_a_flag, METH_NOARGS, ""},
    {"by_another_flag", by_another_flag, METH_NOARGS, ""},
    {"runs_an_override", runs_an_override, METH_NOARGS, ""},
    {NULL, NULL, 0, NULL},
};

/* A pair as numpy's: the second macro attaches only if the first one has detached. */
#define BEGIN_THREADS do { _save = PyEval_SaveThread(); } while (0)
#define END_THREADS do { if (_save) \
                { PyEval_RestoreThread(_save); _save = NULL; } } while (0)
static int before_the_pair(PyObject *list) {
    PyThreadState *_save = NULL;
    if (PyObject_Size(list) < 1)
        goto exit;
    BEGIN_THREADS;
    work(1);
exit:
    END_THREADS;
    return PyErr_Occurred() != NULL;
}
static int within_the_pair(PyObject *list) {
    PyThreadState *_save = NULL;
    if (PyObject_Size(list) < 1)
        goto exit;
    BEGIN_THREADS;
    work(1);
    if (is_busy())
        return 1;  // expect HF603
    PyErr_Clear();  // expect HF601
exit:
    END_THREADS;
    return PyErr_Occurred() != NULL;
}
PyObject *by_pairs(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    return PyLong_FromLong(before_the_pair(self) + within_the_pair(self));
}
PyMethodDef of_pairs[] = {{"pairs", by_pairs, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
