/* Calls that wait for a library's own threads, in a file that shows that these may wait for Python. */
#include <Python.h>

/* SDL and its mixer: the audio thread calls back, and holds a lock meanwhile. */
typedef struct Mix_Music Mix_Music;
extern void Mix_ChannelFinished(void (*call)(int channel));
extern int Mix_HaltMusic(void);
extern int Mix_PlayingMusic(void);
extern void SDL_QuitSubSystem(unsigned int which);

static PyObject *the_callback;

static void on_end(int channel) {
    PyGILState_STATE state = PyGILState_Ensure();
    Py_XDECREF(PyObject_CallFunction(the_callback, "i", channel));
    PyGILState_Release(state);
}
static PyObject *starts(PyObject *self, PyObject *callback) {
    (void)self;
    Py_INCREF(callback);
    the_callback = callback;
    Mix_ChannelFinished(on_end);
    Py_RETURN_NONE;
}
/* It ends the thread that may be in on_end(). */
static PyObject *ends(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    Py_BEGIN_ALLOW_THREADS
    Mix_HaltMusic();
    Py_END_ALLOW_THREADS
    SDL_QuitSubSystem(1);  // expect HF613
    Py_RETURN_NONE;
}
static PyObject *ends_detached(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    Py_BEGIN_ALLOW_THREADS
    SDL_QuitSubSystem(1);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}
static PyObject *is_playing(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    return PyLong_FromLong(Mix_PlayingMusic());  // expect HF613
}
PyMethodDef methods[] = {{"starts", starts, METH_O, NULL},
                         {"ends", ends, METH_NOARGS, NULL},
                         {"ends_detached", ends_detached, METH_NOARGS, NULL},
                         {"is_playing", is_playing, METH_NOARGS, NULL},
                         {NULL, NULL, 0, NULL}};
