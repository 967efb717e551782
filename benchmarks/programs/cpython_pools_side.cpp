// cpython_pools_side.cpp: what one does without holdfast's pools: Python's own pool, processes, bare sub-interpreters.
#include "python_side.hpp"  // first: it includes Python.h

#include "busy.hpp"

#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace {

/// Attached by PyGILState, as a native thread does that has other things to do in between.
template <class Action>
auto attached(const Action &action) {
    const PyGILState_STATE state = PyGILState_Ensure();
    auto result = action();
    PyGILState_Release(state);
    return result;
}

/// A thousand calls of ThreadPoolExecutor.submit() from C++, and all their results.
bench::samples small_tasks(const bench::request &asked) {
    const bench::plain_python python;
    const std::string make = "__import__('concurrent.futures').futures.ThreadPoolExecutor(" +
                             std::to_string(asked.threads) + ")";
    PyObject *const pool = attached([&] { return bench::evaluate(make.c_str()); });
    PyObject *const function = attached([] { return bench::evaluate(bench::small_function); });
    std::vector<PyObject *> futures;
    bench::samples taken = bench::repeat(asked, [&] {
        for (int i = 0; i < bench::batch; ++i)
            futures.push_back(
                attached([&] { return PyObject_CallMethod(pool, "submit", "O", function); }));
        for (PyObject *const future : futures)
            bench::demand(attached([&] {
                              PyObject *const result =
                                  future != nullptr ? PyObject_CallMethod(future, "result", nullptr)
                                                    : nullptr;
                              Py_XDECREF(result);
                              Py_XDECREF(future);
                              return result != nullptr;
                          }),
                          "a task");
        futures.clear();
    });
    attached([&] {
        Py_XDECREF(PyObject_CallMethod(pool, "shutdown", nullptr));
        Py_DECREF(function);
        Py_DECREF(pool);
        return 0;
    });
    return taken;
}

/// One process: a whole Python, and one thread that calls.
[[noreturn]] void live(bench::busy_counts &counts, int members) {
    {
        const bench::plain_python python;
        const PyGILState_STATE state = PyGILState_Ensure();
        bench::define_work();
        PyObject *const work = bench::evaluate("work");
        const auto alone = [](const auto &action) { action(); };
        bench::be_busy(counts, alone, [work] { bench::call_small(work); });
        counts.bytes.fetch_add(static_cast<long>(bench::proportional_bytes()));
        counts.counted.fetch_add(1);
        while (counts.counted.load() <
               members)  // what they share is divided by those that are there
            std::this_thread::yield();
        Py_DECREF(work);
        PyGILState_Release(state);
    }
    std::_Exit(0);
}

bench::samples processes(const bench::request &asked, bool memory) {
    bench::busy_counts &counts = bench::shared_counts();
    std::vector<pid_t> children;
    for (int i = 0; i < asked.threads; ++i) {
        const pid_t child = fork();
        bench::demand(child >= 0, "fork");
        if (child == 0)
            live(counts, asked.threads);
        children.push_back(child);
    }
    bench::request once = asked;
    if (memory)
        once.samples = 0;
    const bench::samples wall = bench::time_busy(once, counts);
    for (const pid_t child : children) {
        int status = -1;
        bench::demand(waitpid(child, &status, 0) == child && status == 0, "a process");
    }
    return memory ? bench::samples{static_cast<double>(counts.bytes.load())}
                  : bench::per_call(wall, counts);
}

bench::samples busy_processes(const bench::request &asked) { return processes(asked, false); }
bench::samples memory_of_processes(const bench::request &asked) { return processes(asked, true); }

#if PY_VERSION_HEX >= 0x030C0000
bench::samples subinterpreter_start(const bench::request &asked) {
    const bench::plain_python python;
    const PyGILState_STATE state = PyGILState_Ensure();
    PyThreadState *const before = PyThreadState_Get();
    PyInterpreterConfig config{};
    config.allow_threads = 1;
    config.check_multi_interp_extensions = 1;
    config.gil = PyInterpreterConfig_OWN_GIL;
    bench::samples taken = bench::repeat(asked, [&] {
        PyThreadState *made = nullptr;
        bench::demand(PyStatus_Exception(Py_NewInterpreterFromConfig(&made, &config)) == 0,
                      "Py_NewInterpreterFromConfig");
        Py_EndInterpreter(made);
        PyThreadState_Swap(before);
    });
    PyGILState_Release(state);
    return taken;
}
#endif

constexpr bench::measure measures[] = {
    {"small_tasks", small_tasks},
    {"busy_processes", busy_processes},
    {"memory_of_processes", memory_of_processes},
#if PY_VERSION_HEX >= 0x030C0000
    {"subinterpreter_start", subinterpreter_start},
#endif
};

}  // namespace

int main(int argc, char **argv) {
    return bench::run(argc, argv, "cpython_pools", PY_VERSION, measures);
}
