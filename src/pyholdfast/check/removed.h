// What CPython has removed since 3.10, so that a file that still calls it can be read. holdfast check
// includes it in front of every file.
#pragma GCC system_header
#ifdef __cplusplus
extern "C" {
#endif
struct _object;
void PyEval_AcquireLock(void);
void PyEval_ReleaseLock(void);
void PyEval_InitThreads(void);
int PyEval_ThreadsInitialized(void);
struct _object *PyEval_CallObjectWithKeywords(
    struct _object *, struct _object *, struct _object *);
#ifdef __cplusplus
}
#endif
#define PyEval_CallObject(callable, arguments) \
    PyEval_CallObjectWithKeywords(callable, arguments, (PyObject *)0)
