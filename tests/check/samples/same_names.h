/* Included by same_names.cpp: what its generated part would be. */
static PyObject *poll_impl(PyObject *self, PyObject *timeout);

static PyObject *poll(PyObject *self, PyObject *timeout) {
    return poll_impl(self, timeout);
}
