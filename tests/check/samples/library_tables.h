/* Excerpts of the form in which extension modules declare their tables. */
static void **PyArray_API = NULL;
#define PyArray_EquivTypenums (*(unsigned char (*)(int, int))PyArray_API[182])
#define PyArray_MultiplyList (*(long (*)(const long *, int))PyArray_API[158])
#define PyArray_SIZE(sizes, count) PyArray_MultiplyList(sizes, count)
#define PyArray_CompareLists (*(int (*)(const long *, const long *, int))PyArray_API[159])
#define PyArray_SAMESHAPE(one, other, count) PyArray_CompareLists(one, other, count)
#define PyArray_CheckStrides \
    (*(unsigned char (*)(int, int, long, long, const long *, const long *))PyArray_API[145])
#define PyArray_ToList (*(PyObject * (*)(PyObject *)) PyArray_API[60])
#define PyArray_Zeros (*(PyObject * (*)(int, const long *)) PyArray_API[183])

struct _PyGObject_Functions {
    int (*gil_state_ensure)(void);
    void (*gil_state_release)(int flag);
};
extern struct _PyGObject_Functions *_PyGObject_API;
#define pyg_gil_state_ensure (_PyGObject_API->gil_state_ensure)
#define pyg_gil_state_release (_PyGObject_API->gil_state_release)
