// python_side.hpp: what every contender in C++ needs of Python, by the plain C API.
//
// Starts and ends Python like a program without holdfast, and has the Python functions.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace bench {

inline void demand(bool fine, const char *what) {
    if (fine)
        return;
    std::fprintf(stderr, "benchmark: %s failed\n", what);
    std::exit(1);
}

/// Python from construction to destruction; in between, the thread that made it is detached.
///
/// The same settings as holdfast's: no signal handlers, and the executable that the driver names.
class plain_python {
public:
    plain_python() {
        PyConfig config;
        PyConfig_InitPythonConfig(&config);
        config.install_signal_handlers = 0;
        config.parse_argv = 0;
        if (const char *const executable = std::getenv("HOLDFAST_PYTHON"))
            PyConfig_SetBytesString(&config, &config.executable, executable);
        demand(PyStatus_Exception(Py_InitializeFromConfig(&config)) == 0,
               "Py_InitializeFromConfig");
        PyConfig_Clear(&config);
        main_ = PyEval_SaveThread();
    }
    plain_python(const plain_python &) = delete;
    plain_python &operator=(const plain_python &) = delete;
    ~plain_python() {
        PyEval_RestoreThread(main_);
        demand(Py_FinalizeEx() == 0, "Py_FinalizeEx");
    }

private:
    PyThreadState *main_;
};

/// `expression`, evaluated in __main__, as a new reference. Attached.
inline PyObject *evaluate(const char *expression) {
    PyObject *const globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *const value = PyRun_String(expression, Py_eval_input, globals, globals);
    demand(value != nullptr, expression);
    return value;
}

/// The small call: a Python function that does nothing.
inline constexpr const char *small_function = "lambda: None";

inline void call_small(PyObject *function) { Py_XDECREF(PyObject_CallNoArgs(function)); }

/// The typed call: __main__.add. Attached.
inline void define_add() {
    demand(PyRun_SimpleString("def add(a: float, b: float) -> float:\n    return a + b\n") == 0,
           "defining add");
}

/// The calls with a list: __main__.same gets and returns 1000 elements. Attached.
inline constexpr std::size_t list_length = 1000;
inline void define_same() {
    demand(PyRun_SimpleString("def same(values: list) -> list:\n    return values\n") == 0,
           "defining same");
}

/// What the lists of text contain: 28 characters, which no std::string holds without memory.
inline constexpr const char *sample_text = "a line of text in a log file";

/// The struct for __main__.Level, of which the lists of records consist.
struct level {
    double price;
    long long size;
};
inline void define_level() {
    demand(PyRun_SimpleString("import dataclasses\n"
                              "@dataclasses.dataclass\n"
                              "class Level:\n"
                              "    price: float\n"
                              "    size: int\n") == 0,
           "defining Level");
}

/// What is added up of an element, so that it must have been converted.
inline double weight(double value) { return value; }
inline double weight(long long value) { return static_cast<double>(value); }
inline double weight(const std::string &value) { return static_cast<double>(value.size()); }
inline double weight(const level &value) { return value.price; }

/// The generator: __main__.count(n) yields the numbers below n. Attached.
inline constexpr int generator_length = 100000;
inline void define_count() {
    demand(PyRun_SimpleString("def count(n):\n    yield from range(n)\n") == 0, "defining count");
}

/// The busy call: __main__.work needs a processor for some tens of microseconds. Attached.
inline void define_work() {
    demand(PyRun_SimpleString("def work():\n"
                              "    total = 0\n"
                              "    for i in range(1000):\n"
                              "        total += i * i\n"
                              "    return total\n") == 0,
           "defining work");
}

/// So many small tasks make one sample of the pools.
inline constexpr int batch = 1000;

/// What a typed call returned takes part in the sum, so that no contender may skip it.
inline double checked_sum = 0;

inline void check_sum() { demand(checked_sum > 0, "adding"); }

}  // namespace bench
