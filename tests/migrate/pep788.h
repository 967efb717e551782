/* What CPython 3.15 declares for PEP 788, so that older Pythons can check what `migrate` writes. */
#include <Python.h>

#if PY_VERSION_HEX < 0x030F0000
typedef struct PyThreadStateToken PyThreadStateToken;
typedef struct PyInterpreterView PyInterpreterView;
#ifdef __cplusplus
extern "C" {
#endif
PyAPI_FUNC(PyInterpreterView *) PyInterpreterView_FromMain(void);
PyAPI_FUNC(void) PyInterpreterView_Close(PyInterpreterView *view);
PyAPI_FUNC(PyThreadStateToken *) PyThreadState_EnsureFromView(PyInterpreterView *view);
PyAPI_FUNC(void) PyThreadState_Release(PyThreadStateToken *token);
#ifdef __cplusplus
}
#endif
#endif
