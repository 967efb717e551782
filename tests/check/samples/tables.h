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
