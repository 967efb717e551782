#include "guards.h"

EnsureGIL::EnsureGIL() : state(PyGILState_Ensure()) {}

EnsureGIL::~EnsureGIL() {
    PyGILState_Release(state);
}

Allower::Allower(bool allow) {
    if (allow)
        state_ = PyEval_SaveThread();
    else
        state_ = NULL;
}

Allower::~Allower() {
    if (state_ != NULL) {
        PyEval_RestoreThread(state_);
        state_ = NULL;
    }
}
