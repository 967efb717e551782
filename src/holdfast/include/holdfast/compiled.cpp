// holdfast/compiled.cpp: every body that is not inline, for builds that define HOLDFAST_COMPILED.
//
// Layer 99. Compile it once, with the options of the rest, and link it: the rest compiles in a fraction of the
// time. Without HOLDFAST_COMPILED it is not needed. docs/how-to/compile-faster.md
#if !defined(HOLDFAST_COMPILED)
#error "compiled.cpp is for builds that define HOLDFAST_COMPILED, in every file"
#endif

#include "python.hpp"  // first: CPython asks for it

#include "detail/adopt.ipp"
#include "detail/border.ipp"
#include "detail/child_interpreter.ipp"
#include "detail/crew.ipp"
#include "detail/deferred.ipp"
#include "detail/delete_state.ipp"
#include "detail/fork_hooks.ipp"
#include "detail/gilstate_slot.ipp"
#include "detail/kept_state.ipp"
#include "detail/observed.ipp"
#include "detail/own_state.ipp"
#include "detail/place.ipp"
#include "detail/process.ipp"
#include "detail/raised.ipp"
#include "detail/resolve.ipp"
#include "detail/watchdog.ipp"
#include "bound.ipp"
#include "call.ipp"
#include "convert.ipp"
#include "error.ipp"
#include "executor.ipp"
#include "interpreter.ipp"
#include "lock.ipp"
#include "object.ipp"
#include "python_error.ipp"
#include "run.ipp"
#include "subinterpreter_pool.ipp"
#include "thread_state.ipp"
#include "view.ipp"
