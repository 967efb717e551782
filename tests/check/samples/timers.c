/* A callback on one thread of a library, and calls that wait for that thread, or for another one. */
#include <Python.h>

extern unsigned int SDL_AddTimer(unsigned int delay, unsigned int (*call)(unsigned int, void *),
                                 void *closure);
extern void SDL_QuitSubSystem(unsigned int which);
extern int Mix_VolumeMusic(int volume);

static unsigned int on_timer(unsigned int delay, void *closure) {
    PyGILState_STATE state = PyGILState_Ensure();
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)closure));
    PyGILState_Release(state);
    return delay;
}
static PyObject *starts(PyObject *self, PyObject *callback) {
    (void)self;
    Py_INCREF(callback);
    return PyLong_FromLong((long)SDL_AddTimer(9, on_timer, callback));
}
static PyObject *ends(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    SDL_QuitSubSystem(1);  // expect HF613
    Py_RETURN_NONE;
}
/* Its lock is held by the audio thread. */
static PyObject *gets_volume(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    return PyLong_FromLong(Mix_VolumeMusic(-1));
}
PyMethodDef methods[] = {{"starts", starts, METH_O, NULL},
                         {"ends", ends, METH_NOARGS, NULL},
                         {"gets_volume", gets_volume, METH_NOARGS, NULL},
                         {NULL, NULL, 0, NULL}};
