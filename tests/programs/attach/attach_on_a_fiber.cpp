// A call from a fiber with its own stack works like one from the thread's stack.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <vector>

#include <ucontext.h>

#include "check.hpp"

namespace {

ucontext_t host;
ucontext_t fiber;
int result = 0;

void run_on_a_fiber(void (*run)()) {
    std::vector<char> stack(1 << 20);
    CHECK(getcontext(&fiber) == 0);
    fiber.uc_stack.ss_sp = stack.data();
    fiber.uc_stack.ss_size = stack.size();
    fiber.uc_link = &host;
    makecontext(&fiber, run, 0);
    CHECK(swapcontext(&host, &fiber) == 0);
}

void on_the_fiber() {
    const holdfast::attach_guard attached;
    holdfast::exec("def deep(n): return n and 1 + deep(n - 1)");
    result = holdfast::eval<int>("deep(200)");
}

PyObject *probe(PyObject *, PyObject *) {
    PyInterpreterState *const here = PyInterpreterState_Get();
    CHECK(holdfast::attached());
    const holdfast::attach_guard attached;
    CHECK(PyInterpreterState_Get() == here);
    const holdfast::detach_guard detached;
    CHECK(!holdfast::attached());
    const holdfast::attach_guard back;
    CHECK(PyInterpreterState_Get() == here);
    ++result;
    Py_RETURN_NONE;
}

/// Python code runs on the fiber's stack, and calls.
void called_on_the_fiber() {
    static PyMethodDef method = {"probe", probe, METH_NOARGS, nullptr};
    PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *const function = PyCFunction_New(&method, nullptr);
    CHECK(PyDict_SetItemString(names, "probe", function) == 0);
    Py_DECREF(function);
    CHECK(PyRun_SimpleString("def call(): probe()\ncall()") == 0);
}

void in_an_interpreter_of_others() {
    const holdfast::attach_guard attached;
    PyThreadState *const before = PyThreadState_Get();
    PyThreadState *const made = Py_NewInterpreter();
    CHECK(made != nullptr);
    called_on_the_fiber();
    run_on_a_fiber(&called_on_the_fiber);
    Py_EndInterpreter(made);
    PyThreadState_Swap(before);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    run_on_a_fiber(&on_the_fiber);
    CHECK(result == 200);
    in_an_interpreter_of_others();
    CHECK(result == 202);
    CHECK(python.finalize(std::chrono::seconds(10)));
}
