/* Calls through the tables of tables.h. */
#include "tables.h"

extern int wanted(void);

int attaches(void) {
    PyGILState_STATE state = table->grab();
    PyErr_Clear();
    if (wanted())
        return 1;  // expect HF603
    table->drop(state);
    return 0;
}
PyObject *while_detached(PyObject *self, PyObject *arguments) {
    (void)self, (void)arguments;
    Py_BEGIN_ALLOW_THREADS
    table->idle();
    table->needs();  // expect HF601
    for (int n = 0; n < 2; ++n) {
        named[n].rests();
        named[n].works();  // expect HF601
    }
    mixed.first();
    mixed.second();  // another table of its kind has a function that does nothing there
    unclear.only();
    unclear.last();
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}
PyObject *not_one_for_one(PyObject *self, PyObject *arguments) {
    (void)self, (void)arguments;
    Py_BEGIN_ALLOW_THREADS
    after_macro.idle();
    after_macro.needs();  // expect HF601
    after_list.idle();
    after_list.needs();  // expect HF601
    after_array.idle();
    after_array.needs();  // expect HF601
    like_object.idle();
    like_object.rests();
    like_object.needs();  // a macro makes members: which is which is not known
    either.idle();
    either.needs();
    made_before.idle();
    after_made.idle();
    made_last.idle();
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}
