#include "tables.h"

static PyGILState_STATE grab(void) { return PyGILState_Ensure(); }
static void drop(PyGILState_STATE state) { PyGILState_Release(state); }
static void does_nothing(void) {}
static void clears(void) { PyErr_Clear(); }
static void prints(void) { PyErr_Print(); }

#define BOTH(function) function, function
#define TABLE_VERSION 3
static const struct by_position filled = {TABLE_VERSION, grab, &drop, does_nothing, clears};
const struct by_position *table = &filled;
struct by_name named[2] = {
    {.name = "one", .rests = does_nothing, .works = clears},
    {"two", does_nothing, prints},
};
struct by_typedef mixed = {does_nothing, clears}, other_mixed = {BOTH(does_nothing)};
struct with_condition unclear = {clears, does_nothing};

#define HEAD 1, 2
#define one 1
struct after_numbers after_macro = {HEAD, does_nothing, clears};
struct after_numbers after_list = {one, 2, does_nothing, prints};
struct after_array after_array = {1, 2, does_nothing, clears};
struct like_object like_object = {PyObject_HEAD_INIT(NULL) clears, does_nothing, does_nothing};
union either either = {.needs = clears};
struct made_before made_before = {clears};
struct after_made after_made = {does_nothing};
struct made_last made_last = {clears};
