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
