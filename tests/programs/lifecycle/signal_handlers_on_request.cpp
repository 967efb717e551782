// With install_signal_handlers, SIGINT becomes a KeyboardInterrupt on the main thread, never on a worker.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "interrupt_process.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter_config config;
    config.install_signal_handlers = true;
    holdfast::interpreter python(config);
    std::thread([&] {
        const holdfast::attach_guard attached(python.view());
        interrupt_process();
        for (int i = 0; i < 100; ++i)
            run_python("total = sum(range(1000))");  // a worker never sees it
        CHECK(PyErr_CheckSignals() == 0);
    }).join();
    {
        const holdfast::attach_guard attached(python.view());
        PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
        CHECK(PyRun_String("while True: pass", Py_file_input, names, names) == nullptr);
        CHECK(PyErr_ExceptionMatches(PyExc_KeyboardInterrupt));
        PyErr_Clear();
    }
    CHECK(python.finalize(std::chrono::seconds(5)));
}
