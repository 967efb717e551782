/* Tables of functions, which another file fills. */
#include <Python.h>

struct by_position {
    int version;
    PyGILState_STATE (*grab)(void);
    void (*drop)(PyGILState_STATE);
    void (*idle)(void), (*needs)(void);
};
extern const struct by_position *table;

struct by_name {
    const char *name;
    void (*rests)(void);
    void (*works)(void);
};
extern struct by_name named[2];

typedef void (*action)(void);
struct by_typedef {
    action first, second;
};
extern struct by_typedef mixed, other_mixed;

struct with_condition {
#ifdef HAVE_MORE
    action more;
#endif
    action only;
    action last;
};
extern struct with_condition unclear;

/* Elements and members that are not one for one. */
struct after_numbers {
    int first, second;
    void (*idle)(void), (*needs)(void);
};
extern struct after_numbers after_macro, after_list;
struct after_array {
    int sizes[2];
    void (*idle)(void), (*needs)(void);
};
extern struct after_array after_array;
struct like_object {
    PyObject_HEAD void (*needs)(void);
    void (*idle)(void);
    void (*rests)(void);
};
extern struct like_object like_object;
union either {
    void (*idle)(void);
    void (*needs)(void);
};
extern union either either;
#include "tables_made.h"
extern struct made_before made_before;
extern struct after_made after_made;
extern struct made_last made_last;
