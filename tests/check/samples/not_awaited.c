/* The calls of awaited.c, where nothing shows that they wait for Python: at most a note. */
#include <Python.h>

extern void Mix_ChannelFinished(void (*call)(int channel));
extern int Mix_PlayingMusic(void);
extern int Mix_VolumeMusic(int volume);
extern void *Mix_LoadMUS(const char *file);
extern void SDL_QuitSubSystem(unsigned int which);
extern void bus_on_message(void (*call)(void *));
extern void *SDL_CreateThread(int (*call)(void *), const char *name, void *closure);

static int ended;

static void on_end(int channel) { ended = channel; }
static void on_message(void *closure) { /* of another library */
    PyGILState_STATE state = PyGILState_Ensure();
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)closure));
    PyGILState_Release(state);
}
static int work(void *closure) { /* a thread of this program: it holds no lock of SDL */
    on_message(closure);
    return 0;
}
static PyObject *plays(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    Mix_ChannelFinished(on_end);
    bus_on_message(on_message);
    SDL_CreateThread(work, "work", self);
    const int playing = Mix_PlayingMusic();
    SDL_QuitSubSystem(1);
    return PyLong_FromLong(playing + ended);
}
/* Detached while a file is read, which shows nothing about the lock. */
static PyObject *loads(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    void *music;
    Py_BEGIN_ALLOW_THREADS
    music = Mix_LoadMUS("a.ogg");
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(music == NULL ? Mix_VolumeMusic(9) : 0);
}
PyMethodDef methods[] = {{"plays", plays, METH_NOARGS, NULL},
                         {"loads", loads, METH_NOARGS, NULL},
                         {NULL, NULL, 0, NULL}};
