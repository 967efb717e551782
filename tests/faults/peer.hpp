// peer.hpp: the same few verbs for plain CPython (PEER 0) and for pybind11's guards (PEER 1).
//
// A twin is written once, in these verbs, and shows the effect of a fault with each peer. If a peer has
// no such thing, the twin says "n/a".
#pragma once

#include <holdfast/python.hpp>  // Python.h, and what this version has; no other part of holdfast

#if PEER == 1
#include <pybind11/embed.h>
#include <pybind11/functional.h>
#endif

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "../programs/event.hpp"

namespace twin {

/// How a twin ends. Any thread may say it, once; it ends the process.
[[noreturn]] inline void say(const char *word, const std::string &why = {}) {
    std::printf("verdict: %s: %s\n", word, why.c_str());
    std::fflush(nullptr);
    std::_Exit(0);
}
[[noreturn]] inline void lost(const std::string &why) { say("lost", why); }
[[noreturn]] inline void not_applicable() { say("n/a"); }

/// Reports "unwind" if its scope is left before `done` is set: by force, because nothing here throws.
struct must_arrive {
    bool done = false;
    must_arrive() = default;
    must_arrive(const must_arrive &) = delete;
    must_arrive &operator=(const must_arrive &) = delete;
    ~must_arrive() {
        if (!done)
            say("unwind", "the thread was ended from within its call");
    }
};

}  // namespace twin

namespace peer {

#if PEER == 1

using attach = pybind11::gil_scoped_acquire;
using detach = pybind11::gil_scoped_release;
inline std::unique_ptr<detach> main_is_away;

inline void start() {
    pybind11::initialize_interpreter(false);
    main_is_away = std::make_unique<detach>();
}
inline void come_back() { main_is_away.reset(); }
inline void finalize() { pybind11::finalize_interpreter(); }

#else

class attach {
public:
    attach() : before_(PyGILState_Ensure()) {}
    attach(const attach &) = delete;
    attach &operator=(const attach &) = delete;
    ~attach() { PyGILState_Release(before_); }

private:
    PyGILState_STATE before_;
};

class detach {
public:
    detach() : state_(PyEval_SaveThread()) {}
    detach(const detach &) = delete;
    detach &operator=(const detach &) = delete;
    ~detach() noexcept(false) {
        PyEval_RestoreThread(state_);
    }  // as Py_END_ALLOW_THREADS in plain code

private:
    PyThreadState *state_;
};

inline PyThreadState *main_state = nullptr;

inline void start() {
    Py_InitializeEx(0);
    main_state = PyEval_SaveThread();
}
inline void come_back() { PyEval_RestoreThread(main_state); }
inline void finalize() { Py_FinalizeEx(); }

#endif

/// Attaches as plain code does: a forced unwinding would run nothing. pybind11 has only its guards.
class plain_attach {
public:
    plain_attach() = default;
    void end() {
#if PEER == 0
        PyGILState_Release(before_);
#endif
    }

private:
#if PEER == 1
    attach guard_;
#else
    PyGILState_STATE before_ = PyGILState_Ensure();
#endif
};

/// Py_BEGIN_ALLOW_THREADS, a call that blocks, Py_END_ALLOW_THREADS.
template <class Blocking>
void allow_threads(Blocking blocking) {
#if PEER == 1
    const detach detached;
    blocking();
#else
    PyThreadState *const state = PyEval_SaveThread();
    blocking();
    PyEval_RestoreThread(state);
#endif
}

/// Main thread: attached again, and Python ended.
inline void end() {
    come_back();
    finalize();
}

}  // namespace peer

namespace twin {

/// Statements in __main__, attached; false if they raise, with the exception set.
inline bool run(const char *statements) {
    PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *const done = PyRun_String(statements, Py_file_input, names, names);
    Py_XDECREF(done);
    return done != nullptr;
}

/// An integer expression in __main__, attached; -1 if it raises.
inline long number(const char *expression) {
    PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *const value = PyRun_String(expression, Py_eval_input, names, names);
    const long result = value != nullptr ? PyLong_AsLong(value) : -1;
    Py_XDECREF(value);
    PyErr_Clear();
    return result;
}

/// Something small that needs an attached thread.
inline void use_python() {
    PyObject *const number = PyLong_FromLong(12345678);
    Py_XDECREF(number);
}

/// A C function as a name in __main__. Attached.
inline void define(PyMethodDef *method) {
    PyObject *const function = PyCFunction_New(method, nullptr);
    PyObject_SetAttrString(PyImport_AddModule("__main__"), method->ml_name, function);
    Py_XDECREF(function);
}

/// Its destructor sleeps with the GIL released, late in the end of Python.
inline const char *const slow_end =
    "import time\n"
    "class Slow:\n"
    "    def __del__(self, sleep=time.sleep): sleep(0.3)\n"
    "slow = Slow()\n";

}  // namespace twin
