// Without the annotation, and without a caller, nothing shows that a function is called attached.
#include <holdfast/thread_state.hpp>

void wrong() { PyErr_Clear(); }  // expect: HF602 nothing shows that a thread is attached here

HOLDFAST_REQUIRES_ATTACHED void right() { PyErr_Clear(); }
