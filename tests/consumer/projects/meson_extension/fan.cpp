#include <holdfast/holdfast.hpp>

#include <thread>
#include <vector>

namespace {

/// fan_out(f, n): f(0) to f(n - 1), each on a thread of its own; their sum.
PyObject *fan_out(PyObject *, PyObject *arguments) {
    PyObject *callable = nullptr;
    int count = 0;
    if (PyArg_ParseTuple(arguments, "Oi", &callable, &count) == 0)
        return nullptr;
    const holdfast::interpreter_view view = holdfast::current_view();
    const holdfast::object f = holdfast::object::borrow(callable);
    std::vector<long> results(static_cast<std::size_t>(count));
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&, i] {
            const holdfast::attach_guard attached(view, std::nothrow);
            if (attached)
                results[static_cast<std::size_t>(i)] = f.call<long>(i);
        });
    long sum = 0;
    for (std::thread &thread : threads)
        holdfast::join(thread);
    for (const long result : results)
        sum += result;
    return PyLong_FromLong(sum);
}

PyMethodDef methods[] = {{"fan_out", fan_out, METH_VARARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};
PyModuleDef module = {PyModuleDef_HEAD_INIT, "fan", nullptr, 0, methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit_fan() { return PyModule_Create(&module); }
