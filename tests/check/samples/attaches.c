/* Attaches by a saved state, by wrappers, by function pointers; attaches that may fail. */
#include <Python.h>
#include <pthread.h>
#include <unistd.h>

extern int wanted(void);
extern PyThreadState *host_state;

/* A way out that leaves the thread attached, where another one does not. */
int by_acquire(const char *name) {
    PyEval_AcquireThread(host_state);
    PyObject *module = PyImport_ImportModule(name);
    if (module == NULL)
        return -1;  // expect HF603
    Py_DECREF(module);
    PyEval_ReleaseThread(host_state);
    return 0;
}
int by_restore(const char *name) {
    PyEval_RestoreThread(host_state);
    PyObject *module = PyImport_ImportModule(name);
    if (module == NULL)
        goto out;
    Py_DECREF(module);
out:
    host_state = PyEval_SaveThread();
    return 0;
}
int by_swap(const char *name) {
    PyThreadState *const before = PyThreadState_Swap(host_state);
    PyObject *module = PyImport_ImportModule(name);
    if (module == NULL)
        return -1;  // expect HF603
    Py_DECREF(module);
    PyThreadState_Swap(before);
    return 0;
}
int by_swap_from_nothing(void) {
    PyThreadState_Swap(host_state);
    if (PyErr_Occurred())
        return 1;  // expect HF603
    PyThreadState_Swap(NULL);
    return 0;
}
int and_deleted(PyInterpreterState *interpreter) {
    PyThreadState *fresh = PyThreadState_New(interpreter);
    PyEval_RestoreThread(fresh);  // expect HF618
    PyErr_Clear();
    PyThreadState_Clear(fresh);
    if (wanted()) {
        PyThreadState_DeleteCurrent();
        return 1;
    }
    PyThreadState_DeleteCurrent();
    return 0;
}
static void take(void) { PyEval_RestoreThread(host_state); }
static void drop(void) { host_state = PyEval_SaveThread(); }
int by_wrapper(void) {
    take();
    if (!wanted())
        return 1;  // expect HF603
    PyErr_CheckSignals();
    drop();
    return 0;
}
int by_wrapper_right(void) {
    take();
    int done = wanted();
    if (done)
        PyErr_CheckSignals();
    drop();
    return done;
}

/* The pair behind pointers that are set to real or to empty functions. */
static struct {
    void (*enter)(void);
    void (*leave)(void);
} ops;
static void enter_nothing(void) {}
void set_ops(int real) {
    ops.enter = real ? take : enter_nothing;
    ops.enter = take;
    ops.leave = drop;
}
#define TAKE ops.enter()
#define DROP ops.leave()
static PyObject *fetch(PyObject *self, PyObject *args) {
    char buffer[16];
    (void)self;
    DROP;
    ssize_t got = write(1, buffer, sizeof buffer);
    if (got < 0) {
        PyErr_SetString(PyExc_OSError, "write");  // expect HF601
        return NULL;  // expect HF603
    }
    TAKE;
    return args;
}
static PyObject *fetch_right(PyObject *self, PyObject *args) {
    char buffer[16];
    (void)self;
    DROP;
    ssize_t got = write(1, buffer, sizeof buffer);
    TAKE;
    if (got < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    return args;
}

/* Attaches that may fail: 0 is not attached. */
typedef struct {
    PyGILState_STATE held;
    int ok;
} Ticket;
static int enter(Ticket *ticket) {
    if (!wanted())
        return 0;
    ticket->held = PyGILState_Ensure();
    return 1;
}
static void leave(Ticket *ticket) { PyGILState_Release(ticket->held); }
static void *ignores(void *function) {
    Ticket ticket;
    enter(&ticket);
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)function));  // expect HF601
    leave(&ticket);
    return NULL;
}
static void *forgets(void *function) {
    Ticket ticket;
    int ok = enter(&ticket);
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)function));  // expect HF601
    if (ok)
        leave(&ticket);
    return NULL;
}
static void *tests(void *function) {
    Ticket ticket;
    if (!enter(&ticket))
        return NULL;
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)function));
    leave(&ticket);
    return NULL;
}
static void *tests_a_variable(void *function) {
    Ticket ticket;
    const int ok = enter(&ticket);
    if (ok == 0)
        return function;
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)function));
    leave(&ticket);
    return NULL;
}
static void *tests_a_member(void *function) {
    Ticket ticket;
    ticket.ok = enter(&ticket);
    if (ticket.ok) {
        Py_XDECREF(PyObject_CallNoArgs((PyObject *)function));
        leave(&ticket);
    }
    return NULL;
}
static void *tests_with_another(void *function) {
    Ticket ticket;
    if (function == NULL || !enter(&ticket))
        return NULL;
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)function));
    leave(&ticket);
    return NULL;
}
static void *tests_the_wrong_way(void *function) {
    Ticket ticket;
    if (enter(&ticket))
        return NULL;
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)function));  // expect HF607
    return NULL;
}
static void *loops(void *function) {
    Ticket ticket;
    while (enter(&ticket)) {
        Py_XDECREF(PyObject_CallNoArgs((PyObject *)function));
        leave(&ticket);
    }
    return NULL;
}
void start(PyObject *function) {
    pthread_t id;
    pthread_create(&id, NULL, ignores, function);
    pthread_create(&id, NULL, forgets, function);
    pthread_create(&id, NULL, tests, function);
    pthread_create(&id, NULL, tests_a_variable, function);
    pthread_create(&id, NULL, tests_a_member, function);
    pthread_create(&id, NULL, tests_with_another, function);
    pthread_create(&id, NULL, tests_the_wrong_way, function);
    pthread_create(&id, NULL, loops, function);
}

/* One that fails in two ways, one of them attached. */
static int get(void) {
    PyEval_RestoreThread(host_state);
    if (!wanted()) {
        if (wanted())
            return 0;  // expect HF603
        PyEval_ReleaseThread(host_state);
        return 0;
    }
    return 1;
}
static void put(void) { PyEval_ReleaseThread(PyThreadState_Get()); }
void events(int count) {
    while (count--) {
        if (!get())
            return;
        PyErr_CheckSignals();
        put();
    }
}

/* Gives up what nothing on this path took; attaches after the end. */
int enter_once(void) {
    PyGILState_STATE state = PyGILState_UNLOCKED;
    if (Py_IsInitialized())
        state = PyGILState_Ensure();
    else
        Py_InitializeEx(0);
    PyGILState_Release(state);  // expect HF604
    return 0;
}
static void late(const char *text) {
    PyGILState_STATE state = PyGILState_Ensure();
    PySys_WriteStderr("%s", text);
    PyGILState_Release(state);
}
int main(void) {
    PyGILState_STATE state = PyGILState_Ensure();  // expect HF606
    PyGILState_Release(state);
    Py_Initialize();
    late("a");
    PyGILState_Release(PyGILState_UNLOCKED);  // expect HF604
    Py_FinalizeEx();
    late("b");  // expect HF606
    return 0;
}
/* Whether Python runs is the same at both tests. */
void if_it_runs(PyObject *object) {
    PyGILState_STATE state = PyGILState_UNLOCKED;
    if (Py_IsInitialized())
        state = PyGILState_Ensure();
    for (int n = 0; n < 3; ++n)
        wanted();
    if (Py_IsInitialized()) {
        Py_XDECREF(object);
        PyGILState_Release(state);
    }
}

/* A state that a structure keeps: where it is there, the thread is detached. */
typedef struct {
    PyObject_HEAD PyThreadState *state;
} Connection;
static void leave_it(Connection *x) {
    if (!x->state)
        x->state = PyEval_SaveThread();
}
static void take_it(Connection *x) {
    if (x->state) {
        PyEval_RestoreThread(x->state);
        x->state = NULL;
    }
}
PyObject *keeps_a_state(Connection *x, PyObject *arg) {
    leave_it(x);
    wanted();
    take_it(x);
    PyErr_Clear();
    take_it(x);
    return arg;
}
PyObject *takes_a_kept_state(Connection *x, PyObject *arg) {
    if (x->state) {
        PyEval_RestoreThread(x->state);
        x->state = NULL;
    }
    if (PyErr_Occurred())
        return NULL;
    x->state = PyEval_SaveThread();
    return arg;
}

static PyMethodDef methods[] = {{"fetch", fetch, METH_O, NULL},
                                {"fetch_right", fetch_right, METH_O, NULL},
                                {NULL, NULL, 0, NULL}};
PyMethodDef *all_methods(void) { return methods; }

/* Its own attach shows that its callers need not be attached: nor are they after it. */
PyObject *call_anywhere(PyObject *function, int here) {
    PyObject *result;
    if (here)
        return PyObject_CallNoArgs(function);
    PyGILState_STATE state = PyGILState_Ensure();
    result = PyObject_CallNoArgs(function);
    PyGILState_Release(state);
    if (result == NULL)
        PyErr_Clear();  // expect HF601
    return result;
}

/* A flag that gets constants only is what the last one says. */
void with_flag(int here) {
    int attached = 0;
    PyGILState_STATE state = PyGILState_UNLOCKED;
    if (!here) {
        state = PyGILState_Ensure();
        attached = 1;
    }
    Py_XDECREF(PyImport_ImportModule("sys"));  // expect HF602
    if (attached)
        PyGILState_Release(state);
}

/* Results that may be null. */
struct worker {
    PyThreadState *state;
    PyThread_type_lock lock;
};
int untested(PyInterpreterState *interpreter, struct worker *worker) {
    PyThreadState *mine = PyThreadState_New(interpreter);
    worker->state = (PyThreadState *)PyThreadState_New(interpreter);
    PyEval_RestoreThread(mine);  // expect HF618
    PyThreadState_Swap(worker->state);  // expect HF618
    PyEval_SaveThread();
    worker->lock = PyThread_allocate_lock();
    PyThread_acquire_lock(worker->lock, 1);  // expect HF618
    PyThreadState *other = PyThreadState_New(interpreter);
    return other->interp == interpreter;  // expect HF618
}
void at_once(PyInterpreterState *interpreter) {
    PyEval_RestoreThread(PyThreadState_New(interpreter));  // expect HF618
    PyEval_SaveThread();
}
int is_tested(PyInterpreterState *interpreter, struct worker *worker) {
    PyThreadState *mine = PyThreadState_New(interpreter);
    worker->lock = PyThread_allocate_lock();
    if (mine == NULL || !worker->lock)
        return -1;
    if ((worker->state = PyThreadState_New(interpreter)) == NULL)
        return -1;
    PyThread_acquire_lock(worker->lock, 1);
    PyEval_RestoreThread(mine);
    PyThreadState_Swap(worker->state);
    PyEval_SaveThread();
    return 0;
}
extern int is_good(PyThreadState *state);
int is_tested_elsewhere(PyInterpreterState *interpreter) {
    PyThreadState *mine = PyThreadState_New(interpreter);
    if (!is_good(mine))
        return -1;
    PyEval_RestoreThread(mine);
    PyEval_SaveThread();
    return 0;
}

/* Results that all threads share. */
static PyGILState_STATE common;
static _Thread_local PyGILState_STATE own;
static struct {
    PyThreadState *saved;
} host;
static int depth;
void enter_common(void) { common = PyGILState_Ensure(); }  // expect HF619
void leave_common(void) { PyGILState_Release(common); }
void enter_own(void) { own = PyGILState_Ensure(); }
void leave_own(void) { PyGILState_Release(own); }
void enter_nested(void) {
    if (depth++ == 0)
        common = PyGILState_Ensure();
}
PyObject *waits(PyObject *self, PyObject *unused) {
    host.saved = PyEval_SaveThread();  // expect HF619
    sleep(1);
    PyEval_RestoreThread(host.saved);
    Py_RETURN_NONE;
}
static void host_leaves(void) { host.saved = PyEval_SaveThread(); }
PyMethodDef waiting[] = {{"waits", waits, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};

// A library's name for 0 tells the caller that it is attached.
#define LIB_OP_SUCCESS (0)
extern int lib_raise(int error);
static int take_for_library(PyGILState_STATE *state) {
    if (Py_IsInitialized()) {
        *state = PyGILState_Ensure();
        return LIB_OP_SUCCESS;
    }
    return lib_raise(37);
}
void on_library_event(void) {
    PyGILState_STATE state;
    if (take_for_library(&state))
        return;
    PyErr_Clear();
    PyGILState_Release(state);
}
void on_other_library_event(void) {
    PyGILState_STATE state;
    if (take_for_library(&state) != LIB_OP_SUCCESS)
        PyErr_Clear();  // expect HF602
    else
        PyGILState_Release(state);
}

// Threads are always initialised.
void on_old_event(void) {
    PyGILState_STATE state;
    int has_threads = PyEval_ThreadsInitialized();  // expect HF610
    if (has_threads)
        state = PyGILState_Ensure();
    PyErr_Clear();
    if (has_threads)
        PyGILState_Release(state);
}

// A macro that may return first, and detaches then.
#define BEGIN_WORK(condition)                         \
    if (condition) {                                  \
        PyErr_SetString(PyExc_ValueError, "not now"); \
        return NULL;                                  \
    }                                                 \
    Py_BEGIN_ALLOW_THREADS
#define END_WORK Py_END_ALLOW_THREADS
PyObject *works(PyObject *self, PyObject *busy) {
    BEGIN_WORK(self == busy)
    sleep(1);
    END_WORK
    Py_RETURN_NONE;
}
PyObject *works_wrongly(PyObject *self, PyObject *busy) {
    BEGIN_WORK(self == busy)
    Py_INCREF(busy);  // expect HF601
    END_WORK
    Py_RETURN_NONE;
}

// The variable that is returned tells the caller whether the thread is attached.
extern PyObject *the_overrides;
extern int may_stop(void);
static PyObject *find_override(PyGILState_STATE *state, const char *name) {
    PyObject *found;
    *state = PyGILState_Ensure();
    found = PyDict_GetItemString(the_overrides, name);
    if (found != NULL)
        Py_INCREF(found);
    else
        PyGILState_Release(*state);
    return found;
}
static void run_override(void) {
    PyGILState_STATE state;
    PyObject *found = find_override(&state, "run");
    if (found != NULL) {
        Py_DECREF(found);
        PyGILState_Release(state);
    }
}
static void run_override_wrongly(void) {
    PyGILState_STATE state;
    PyObject *found = find_override(&state, "run");
    if (found == NULL)
        return;
    Py_DECREF(found);
    if (may_stop())
        return;  // expect HF603
    PyGILState_Release(state);
}
PyObject *runs_overrides(PyObject *self, PyObject *none) {
    (void)self;
    run_override();
    run_override_wrongly();
    Py_INCREF(none);
    return none;
}
PyMethodDef running[] = {{"run", runs_overrides, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};

// Not where it gets another value after the test.
PyObject *find_or_none(PyGILState_STATE *state, PyObject *none) {
    PyObject *found;
    *state = PyGILState_Ensure();
    found = PyDict_GetItemString(the_overrides, "none");
    if (found == NULL) {
        PyGILState_Release(*state);
        found = none;
    }
    return found;  // expect HF603
}

// Another object's member may have a name that begins as the object's does.
struct boxes {
    PyObject *box;
};
PyObject *find_box(struct boxes *boxes, PyGILState_STATE *state) {
    PyObject *box;
    *state = PyGILState_Ensure();
    box = PyDict_GetItemString(the_overrides, "box");
    if (boxes->box == NULL)
        PyGILState_Release(*state);
    return box;  // expect HF603
}

// That a number is not 0 does not tell how it compares with others.
int stops_or_fails(PyObject *self) {
    PyThreadState *saved = NULL;
    int stopped = may_stop();
    (void)self;
    if (stopped != 0)
        saved = PyEval_SaveThread();
    if (stopped < 0)
        PyErr_Clear();  // expect HF601
    if (stopped == 3)
        PyErr_Clear();  // expect HF601
    if (stopped != 0)
        PyEval_RestoreThread(saved);
    return stopped;
}

// The result tells, but no caller can undo it: the variable ends with the function.
int stays_where_it_fails(void) {
    PyGILState_STATE state = PyGILState_Ensure();
    if (PyErr_Occurred() == NULL) {
        PyGILState_Release(state);
        return 0;
    }
    PyErr_Clear();
    return -1;  // expect HF603
}
static PyGILState_STATE of_the_host;
int begins_by_the_host(void) {
    of_the_host = PyGILState_Ensure();  // expect HF619
    if (PyErr_Occurred() == NULL) {
        PyGILState_Release(of_the_host);
        return -1;
    }
    return 0;
}
