// Prints whether the thread is attached, at each step of each kind of pair. The migrated program
// prints the same.
#include <Python.h>

#include <cstdio>
#include <string>
#include <thread>

#include "guards.h"

#define GET_LOCK            \
    PyGILState_STATE gstate; \
    gstate = PyGILState_Ensure()
#define RELEASE_LOCK PyGILState_Release(gstate)
#define WITH_LOCK(name) PyGILState_STATE name = PyGILState_Ensure()
#define BLOCK_THREADS { PyGILState_STATE blocked = PyGILState_Ensure();
#define UNBLOCK_THREADS PyGILState_Release(blocked); }

static const char *answer() { return PyGILState_Check() ? "attached" : "detached"; }
static void say(const char *what) { std::printf("%s: %s\n", what, answer()); }

struct Ref {
    PyObject *object;
    ~Ref() {
        Lock guard;
        say("destructor");
        Py_XDECREF(object);
    }
};

struct Shared {
    PyObject *object;
    ~Shared() {
        if (object != nullptr) {
            TAKE_LOCK;
            say("destructor by macro");
            Py_DECREF(object);
        }
    }
};

static void work() {
    Lock guard;
    say("thread");
}

extern "C" void on_event(void *) noexcept {
    Lock guard;
    say("callback");
}

static void helper() {
    PyGILState_STATE state = PyGILState_Ensure();
    say("helper");
    PyGILState_Release(state);
}

extern "C" void on_other_event(void *) { helper(); }

static void over_two_files() {
    EnsureGIL guard;
    say("over two files");
}

static void throwing() {
    Lock guard;
    say("may throw");
}

static void releasable() {
    Releasable guard;
    say("releasable");
    guard.release();
    say("released");
}

static int early_release(bool ready) {
    PyGILState_STATE state = PyGILState_Ensure();
    std::string text = answer();
    if (!ready) {
        PyGILState_Release(state);
        say("early release");
        return -1;
    }
    PyGILState_Release(state);
    std::printf("held %s\n", text.c_str());
    say("late release");
    return 0;
}

static void conditional_detach(bool long_work) {
    PyThreadState *saved = NULL;
    if (long_work)
        saved = PyEval_SaveThread();
    say("conditional detach");
    if (saved != NULL)
        PyEval_RestoreThread(saved);
    say("attached again");
}

static void conditional_class(bool allow) {
    Allower allower(allow);
    say("conditional class");
}

static void session() {
    Session held;
    held.begin();
    std::printf("session %d: ", held.detached());
    say("begun");
    held.end();
    say("ended");
}

static int among_cases(int kind) {
    PyGILState_STATE state;
    switch (kind) {
    case 0:
        state = PyGILState_Ensure();
        say("among cases");
        PyGILState_Release(state);
        break;
    default:
        break;
    }
    return kind;
}

static void jumps(int count) {
    PyGILState_STATE state;
    if (count > 5)
        goto done;
    state = PyGILState_Ensure();
    say("with a jump");
    if (count == 0) {
        PyGILState_Release(state);
        goto done;
    }
    PyGILState_Release(state);
    say("before the label");
done:
    say("behind the label");
}

static void by_macro() {
    GET_LOCK;
    say("by macro");
    RELEASE_LOCK;
    say("by macro, behind");
}

static void by_macro_with_a_name() {
    WITH_LOCK(held);
    say("by macro with a name");
    PyGILState_Release(held);
}

static void by_block_macro() {
    BLOCK_THREADS
    say("by block macro");
    UNBLOCK_THREADS
    say("by block macro, behind");
}

// One argument: Python has ended when a destructor, a thread and a callback attach.
static int late() {
    Ref ref{nullptr};
    Shared none{nullptr};
    Py_Initialize();
    Py_FinalizeEx();
    std::thread(work).join();
    std::thread(releasable).join();
    on_event(nullptr);
    on_other_event(nullptr);
    std::puts("ended");
    return 0;
}

int main(int count, char **) {
    if (count > 1)
        return late();
    Py_Initialize();
    PyThreadState *main_state = PyEval_SaveThread();
    {
        Ref ref{nullptr};
        std::thread(work).join();
        on_event(nullptr);
        on_other_event(nullptr);
    }
    over_two_files();
    throwing();
    std::thread(releasable).join();
    early_release(true);
    early_release(false);
    among_cases(0);
    jumps(0);
    jumps(1);
    by_macro();
    by_macro_with_a_name();
    by_block_macro();
    PyEval_RestoreThread(main_state);
    {
        Shared shared{PyLong_FromLong(1)};
    }
    conditional_detach(true);
    conditional_detach(false);
    conditional_class(true);
    conditional_class(false);
    session();
    return Py_FinalizeEx();
}
