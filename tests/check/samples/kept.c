/* Functions that a global variable or a member keeps, and a thread of the project calls. */
#include <Python.h>

#include <pthread.h>

typedef void (*callback)(void *);

/* Given by a function of the project, and called by its thread. */
static callback when_ready;
static void *closure;
static void on_ready(void *object) { Py_XDECREF(PyObject_CallNoArgs((PyObject *)object)); }
static void set_when_ready(callback call, void *object) {
    closure = object;
    when_ready = call;
}
static void *wait_until_ready(void *unused) {
    when_ready(closure);  // expect HF607
    return unused;
}

/* The thread attaches before it calls. */
static callback when_done;
static void on_done(void *object) { Py_XDECREF(PyObject_CallNoArgs((PyObject *)object)); }
static void *wait_until_done(void *unused) {
    PyGILState_STATE state = PyGILState_Ensure();
    when_done(closure);
    PyGILState_Release(state);
    return unused;
}

/* The function attaches by itself. */
struct watcher {
    callback changed;
    void *object;
};
static struct watcher the_watcher;
static void on_change(void *object) {
    PyGILState_STATE state = PyGILState_Ensure();
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)object));
    PyGILState_Release(state);
}
static void set_changed(callback call) { the_watcher.changed = call; }
static void *watch(void *unused) {
    the_watcher.changed(the_watcher.object);
    return unused;
}

/* A member, assigned with a cast. */
struct timer {
    callback expired;
    void *object;
};
static struct timer the_timer;
static void on_expiry(PyObject *object) { Py_XDECREF(PyObject_CallNoArgs(object)); }
static void *tick(void *unused) {
    the_timer.expired(the_timer.object);  // expect HF607
    return unused;
}

/* One of several needs Python: which one is called is not known. */
static callback when_idle;
static void do_nothing(void *object) { (void)object; }
static void on_idle(void *object) { Py_XDECREF(PyObject_CallNoArgs((PyObject *)object)); }
static void *idle(void *unused) {
    when_idle(closure);
    return unused;
}

/* Nor where it is preset by a function that is not among the checked files. */
extern void lower_default(void *object);
static callback when_lost = lower_default;
static void on_loss(void *object) { Py_XDECREF(PyObject_CallNoArgs((PyObject *)object)); }
static void *lose(void *unused) {
    when_lost(closure);
    return unused;
}

static PyObject *start(PyObject *self, PyObject *object) {
    pthread_t thread;
    (void)self;
    set_when_ready(on_ready, object);
    when_done = on_done;
    set_changed(&on_change);
    the_timer.expired = (callback)on_expiry;
    when_idle = do_nothing;
    when_idle = on_idle;
    when_lost = on_loss;
    pthread_create(&thread, NULL, wait_until_ready, NULL);
    pthread_create(&thread, NULL, wait_until_done, NULL);
    pthread_create(&thread, NULL, watch, NULL);
    pthread_create(&thread, NULL, tick, NULL);
    pthread_create(&thread, NULL, idle, NULL);
    pthread_create(&thread, NULL, lose, NULL);
    Py_RETURN_NONE;
}
static PyMethodDef methods[] = {{"start", start, METH_O, NULL}, {NULL, NULL, 0, NULL}};
struct PyModuleDef kept = {PyModuleDef_HEAD_INIT, "m", NULL, -1, methods, NULL, NULL, NULL, NULL};

/* A macro of the project stores the function; the project's thread calls it. */
struct handler {
    callback call, other;
};
static struct handler the_handler;
#define SET_HANDLER(object, function) ((object)->call = (function))
static void on_handled(void *object) { Py_XDECREF(PyObject_CallNoArgs((PyObject *)object)); }
static void handle(void) {
    PyGILState_STATE state = PyGILState_Ensure();
    the_handler.call(closure);
    PyGILState_Release(state);
}
void set_handler(void) {
    SET_HANDLER(&the_handler, on_handled);
    handle();
}
