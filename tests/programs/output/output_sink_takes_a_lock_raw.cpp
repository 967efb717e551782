// Expected to hang: a stream's write() takes a lock while attached, and the lock's owner attaches.
// python: gil
// raw-twin: hang
// deadline: 4
// short-run: no
#include <holdfast/callable.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>

#include <mutex>
#include <thread>

#include "event.hpp"

int main() {
    holdfast::interpreter python;
    std::mutex mutex;
    event attached_now;
    event locked_now;
    {
        const holdfast::attach_guard attached(python);
        PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
        const holdfast::object write = holdfast::callable(
            "write", [&](std::string_view) { const std::lock_guard<std::mutex> alone(mutex); });
        PyDict_SetItemString(names, "write", write.get());
    }
    std::thread printer([&] {
        const holdfast::attach_guard attached(python);
        attached_now.set();
        locked_now.wait();
        holdfast::exec("write('one')");
    });
    attached_now.wait();
    {
        const std::lock_guard<std::mutex> alone(mutex);
        locked_now.set();
        const holdfast::attach_guard attached(python);
    }
    printer.join();
}
