// calls.hpp: twins of the faults about calls, objects, signals, sub-interpreters and the process's exit.
#pragma once

#include "threads.hpp"

#include <csignal>
#include <stdexcept>

#include <ucontext.h>
#include <unistd.h>

#include "../programs/check.hpp"

namespace twin {

inline void system_exit() {
    peer::start();
    std::thread([] {
        peer::plain_attach attached;
#if PEER == 1
        try {
            pybind11::exec("import sys; sys.exit(5)");
        } catch (const pybind11::error_already_set &) {}
#else
        PyRun_SimpleString("import sys; sys.exit(5)");
#endif
        attached.end();
    }).join();
    peer::end();
}

inline PyObject *throw_here(PyObject *, PyObject *) { throw std::runtime_error("from C++"); }
inline PyMethodDef throw_method = {"throw_here", &throw_here, METH_NOARGS, nullptr};

inline void throws_under_python() {
    peer::start();
    peer::come_back();
#if PEER == 1
    pybind11::module_::import("__main__").attr("throw_here") =
        pybind11::cpp_function([] { throw std::runtime_error("from C++"); });
#else
    define(&throw_method);
#endif
    run("def f5(): throw_here()\n"
        "def f4(): f5()\n"
        "def f3(): f4()\n"
        "def f2(): f3()\n"
        "def f1(): f2()\n");
    for (int i = 0; i < 3000; ++i) {
        try {
            run("f1()");
        } catch (const std::runtime_error &) {}
        PyErr_Clear();
    }
    if (number("sum(range(10))") != 45 ||
        !run("def deep(n): return n and deep(n - 1)\ndeep(500)\n"))
        lost("no Python call works any more");
    peer::finalize();
}

inline void dropped_detached() {
    peer::start();
#if PEER == 1
    pybind11::object kept;
    {
        const peer::attach attached;
        run("class Item:\n    def __del__(self): [].append(1)\n");
        kept = pybind11::module_::import("__main__").attr("Item")();
    }
    kept = pybind11::object();
#else
    PyObject *kept = nullptr;
    {
        const peer::attach attached;
        run("class Item:\n    def __del__(self): [].append(1)\n");
        kept = PyObject_CallNoArgs(
            PyDict_GetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "Item"));
    }
    Py_DECREF(kept);
#endif
    peer::end();
}

inline void capsule_at_the_end() {
    peer::start();
    peer::come_back();
    PyObject *const capsule = PyCapsule_New(&marked, "marked", [](PyObject *) {
        const peer::attach nested;
        use_python();
        marked = true;
    });
    PyObject_SetAttrString(PyImport_AddModule("__main__"), "capsule", capsule);
    Py_DECREF(capsule);
    peer::finalize();
    if (!marked)
        lost("the destructor did not run");
}

inline std::mutex of_del;
inline PyObject *take_lock(PyObject *, PyObject *) {
    const std::lock_guard<std::mutex> hold(of_del);
    Py_RETURN_NONE;
}
inline PyMethodDef take_lock_method = {"take_lock", &take_lock, METH_NOARGS, nullptr};

inline void finalizer_takes_a_lock() {
    peer::start();
    const peer::attach attached;
    define(&take_lock_method);
    run("class Item:\n"
        "    def __del__(self): take_lock()\n"
        "item = Item()\n");
    const std::lock_guard<std::mutex> hold(of_del);
    run("del item");
}

inline void on_a_fiber() {
    peer::start();
    static ucontext_t host, fiber;
    static std::vector<char> stack(1 << 20);
    getcontext(&fiber);
    fiber.uc_stack.ss_sp = stack.data();
    fiber.uc_stack.ss_size = stack.size();
    fiber.uc_link = &host;
    makecontext(
        &fiber,
        [] {
            const peer::attach attached;
            if (!run("def deep(n): return n and deep(n - 1)\ndeep(200)\n"))
                lost("a call on a fiber's stack failed");
        },
        0);
    swapcontext(&host, &fiber);
    peer::end();
}

inline void interrupt() {
    Py_InitializeEx(1);
    event busy;
    std::atomic<bool> stop{false};
    PyThreadState *const state = PyEval_SaveThread();
    std::thread worker([&] {
        busy.set();
        while (!stop) {
            const peer::attach attached;
            if (PyErr_CheckSignals() != 0)
                lost("a worker got the interrupt");
        }
    });
    busy.wait();
    std::raise(SIGINT);
    std::this_thread::sleep_for(50ms);
    stop = true;
    worker.join();
    PyEval_RestoreThread(state);
    if (PyErr_CheckSignals() == 0)
        lost("the main thread never sees it");
    PyErr_Clear();
    Py_FinalizeEx();
}

inline void dispositions() {
    struct sigaction before{}, after{};
    sigaction(SIGPIPE, nullptr, &before);
#if PEER == 1
    pybind11::initialize_interpreter();
    pybind11::finalize_interpreter();
#else
    Py_Initialize();
    Py_FinalizeEx();
#endif
    sigaction(SIGPIPE, nullptr, &after);
    if (before.sa_handler != after.sa_handler)
        lost("SIGPIPE is ignored from now on");
}

struct attaches_statically {
    bool armed = false;
    ~attaches_statically() {
        if (!armed)
            return;
        attach_and_use();
        say("ok");
    }
};
inline attaches_statically at_exit;

inline void static_destructor() {
    peer::start();
    peer::end();
    at_exit.armed = true;
    std::exit(0);
}

inline void exit_with_workers() {
    peer::start();
    std::atomic<long> calls{0};
    for (int i = 0; i < 8; ++i)
        std::thread([&] {
            for (;;) {
                attach_and_use();
                ++calls;
            }
        }).detach();
    while (calls < 1000)
        std::this_thread::yield();
    std::printf("verdict: ok: \n");
    std::exit(0);
}

// --- sub-interpreters: on the plain C API; pybind11's guards leave them to classes of their own ---------

inline PyThreadState *make_subinterpreter([[maybe_unused]] bool own_gil) {
#if HOLDFAST_HAS_OWN_GIL
    PyInterpreterConfig settings{};
    settings.use_main_obmalloc = own_gil ? 0 : 1;
    settings.allow_threads = 1;
    settings.check_multi_interp_extensions = own_gil ? 1 : 0;
    settings.gil = own_gil ? PyInterpreterConfig_OWN_GIL : PyInterpreterConfig_SHARED_GIL;
    PyThreadState *made = nullptr;
    Py_NewInterpreterFromConfig(&made, &settings);
    return made;
#else
    return Py_NewInterpreter();
#endif
}

inline void alternate_between_interpreters() {
#if PEER == 0 && HOLDFAST_HAS_OWN_GIL
    peer::start();
    peer::come_back();
    PyThreadState *const one = make_subinterpreter(true);
    PyThreadState_Swap(peer::main_state);
    PyThreadState *const two = make_subinterpreter(true);
    for (int i = 0; i < 1000; ++i) {
        PyThreadState *const wanted = i % 2 == 0 ? one : two;
        PyThreadState_Swap(wanted);
        if (PyInterpreterState_Get() != PyThreadState_GetInterpreter(wanted))
            lost("the wrong interpreter");
    }
    say("ok");
#else
    not_applicable();
#endif
}

inline void pygilstate_in_a_subinterpreter() {
    peer::start();
    peer::come_back();
    PyThreadState *const sub = make_subinterpreter(false);
    const PyInterpreterState *const here = PyThreadState_GetInterpreter(sub);
    const peer::attach nested;
    if (PyInterpreterState_Get() != here)
        lost("attached to another interpreter");
    say("ok");
}

inline void subinterpreter_ends_with_a_worker_inside() {
    if (PEER == 1)
        not_applicable();
    peer::start();
    peer::come_back();
    PyThreadState *const sub = make_subinterpreter(false);
    PyInterpreterState *const interpreter = PyThreadState_GetInterpreter(sub);
    event inside, go;
    std::thread worker([&] {
        PyThreadState *const mine = PyThreadState_New(interpreter);
        PyEval_RestoreThread(mine);
        PyEval_SaveThread();
        inside.set();
        go.wait();
        must_arrive call;
        PyEval_RestoreThread(mine);
        say("ok", "it came back");
    });
    PyEval_SaveThread();
    inside.wait();
    PyEval_RestoreThread(sub);
    Py_EndInterpreter(sub);
    go.set();
    worker.join();
}

inline void subinterpreter_ends_on_another_thread() {
#if PEER == 0
    peer::start();
    peer::come_back();
    PyThreadState *const creation = make_subinterpreter(false);
    PyInterpreterState *const interpreter = PyThreadState_GetInterpreter(creation);
    PyEval_SaveThread();
    std::thread([&] {
        PyThreadState *const mine = PyThreadState_New(interpreter);
        PyEval_RestoreThread(mine);
        PyThreadState_Clear(creation);
        PyThreadState_Delete(creation);
        Py_EndInterpreter(mine);
#if !HOLDFAST_HAS_OWN_GIL
        PyThreadState *const last = PyThreadState_New(PyInterpreterState_Main());
        PyThreadState_Swap(last);  // the GIL is still this thread's
        PyEval_SaveThread();
#endif
    }).join();
    PyEval_RestoreThread(peer::main_state);
    use_python();
    Py_FinalizeEx();
#else
    not_applicable();
#endif
}

inline void subinterpreters_left_behind() {
#if PEER == 0
    peer::start();
    peer::come_back();
    for (int i = 0; i < 2; ++i) {
        make_subinterpreter(false);
        PyThreadState_Swap(peer::main_state);
    }
    Py_FinalizeEx();
#else
    not_applicable();
#endif
}

/// Imports single_phase.so, attached; false if Python refuses.
inline bool import_single_phase() {
    const std::string path = check::library("single_phase.so");
    return run(("import importlib.machinery, importlib.util, warnings\n"
                "warnings.simplefilter('ignore')\n"
                "loader = importlib.machinery.ExtensionFileLoader('single_phase', '" +
                path +
                "')\n"
                "spec = importlib.util.spec_from_loader('single_phase', loader)\n"
                "importlib.util.module_from_spec(spec)\n")
                   .c_str());
}

inline void module_refuses_subinterpreters() {
#if PEER == 0 && HOLDFAST_HAS_OWN_GIL
    peer::start();
    peer::come_back();
    make_subinterpreter(true);
    if (import_single_phase())
        lost("a module that shares its data was imported");
    PyErr_Clear();
    if (number("1 + 1") != 2)
        lost("the interpreter is not usable any more");
    say("ok");
#else
    not_applicable();
#endif
}

inline void module_enables_the_gil() {
#if HOLDFAST_HAS_FREE_THREADING
    peer::start();
    std::atomic<bool> stop{false};
    std::atomic<long> calls{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            while (!stop) {
                attach_and_use();
                ++calls;
            }
        });
    {
        const peer::attach attached;
        if (!import_single_phase())
            lost("the module could not be imported");
    }
    for (const long before = calls; calls < before + 1000;)
        std::this_thread::yield();
    stop = true;
    for (std::thread &thread : threads)
        thread.join();
    peer::end();
#else
    not_applicable();
#endif
}

inline void flush_fails() {
    peer::start();
    peer::come_back();
    run("import sys\n"
        "class Full:\n"
        "    closed = False\n"
        "    def write(self, text): return len(text)\n"
        "    def flush(self): raise OSError('full')\n"
        "sys.stdout = Full()\n");
#if PEER == 1
    pybind11::finalize_interpreter();
    lost("finalize_interpreter() has no result");
#else
    if (Py_FinalizeEx() != -1)
        lost("the status does not say so");
#endif
}

inline void exception_left_at_the_end() {
    peer::start();
    peer::come_back();
    define(&mark_method);
    run("import sys\n"
        "sys.excepthook = sys.unraisablehook = lambda *_: mark()\n");
    PyErr_SetString(PyExc_ValueError, "left");
    peer::finalize();
    if (!marked)
        lost("the exception was dropped in silence");
}

}  // namespace twin
