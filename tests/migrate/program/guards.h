// Guard classes of a project's own, each of another kind. main.cpp uses them.
#pragma once

#include <Python.h>

// Constructor and destructor are the pair, in another file.
class EnsureGIL {
public:
    EnsureGIL();
    ~EnsureGIL();

private:
    PyGILState_STATE state;
};

// Is used in a destructor, in a noexcept function, in a thread's function and in a callback.
class Lock {
public:
    Lock() : state(PyGILState_Ensure()) {}
    ~Lock() { PyGILState_Release(state); }
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;

private:
    PyGILState_STATE state;
};

#define TAKE_LOCK Lock taken; (void)taken

// Can be released early.
struct Releasable {
    PyGILState_STATE state;
    bool active;
    Releasable() : state(PyGILState_Ensure()), active(true) {}
    void release() {
        PyGILState_Release(state);
        active = false;
    }
    ~Releasable() {
        if (active)
            release();
    }
};

// Detaches under a condition.
class Allower {
public:
    explicit Allower(bool allow);
    ~Allower();

private:
    PyThreadState *state_;
};

// Begins in one function, and ends in another.
class Session {
public:
    void begin() { thread_ = PyEval_SaveThread(); }
    void end() {
        PyEval_RestoreThread(thread_);
        thread_ = NULL;
    }
    bool detached() const { return thread_ != NULL; }

private:
    PyThreadState *thread_ = nullptr;
};
