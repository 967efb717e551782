// attach_guard() without arguments returns to the thread's last sub-interpreter, whichever code made it.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"

namespace hf = holdfast;

namespace {

long long here() { return PyInterpreterState_GetID(PyInterpreterState_Get()); }

/// What is the same in every step, whatever the thread did before.
void expect_in(long long where, unsigned line = __builtin_LINE()) {
    CHECK(hf::attached());
    if (here() != where)
        std::fprintf(stderr, "line %u: in %lld, and not in %lld\n", line, here(), where);
    CHECK(here() == where);
    CHECK(hf::current_view().alive());
    {
        const hf::attach_guard again;
        CHECK(here() == where);
    }
    {
        const hf::attach_guard again(hf::current_view());
        CHECK(here() == where);
    }
    CHECK(here() == where);
}

/// The thread is detached, and was in `where`.
void expect_back_in(long long where, const hf::interpreter_view &view, bool by_guard) {
    CHECK(!hf::attached());
    {
        const hf::attach_guard back;
        expect_in(where);
        CHECK(hf::current_view() == view);
        const hf::detach_guard deeper;
        const hf::attach_guard and_back;
        CHECK(here() == where);
    }
    CHECK(!hf::attached());
    CHECK(hf::eval<long long>("__import__('probe').here()") == where);
    hf::exec("import probe; assert probe.here() == " + std::to_string(where));
    static const hf::function<long long()> typed{"probe", "here"};
    CHECK(typed() == where);
    {
        const hf::attach_guard elsewhere(hf::main_view());
        CHECK(here() == 0);
        const hf::detach_guard detached;
        const hf::attach_guard back;
        CHECK(here() == 0);
    }
    CHECK(!hf::attached());
    if (by_guard)  // CPython itself now says that the thread was last in the main one
        CHECK(typed() == where);
}

/// Attached by other code, to an interpreter that other code may have made.
/// \param called  Python has called; up to 3.11 only that shows where a plain PyEval_SaveThread() left.
void step_through(bool called) {
    const long long where = here();
    expect_in(where);
    const hf::interpreter_view view = hf::current_view();
    {
        const hf::detach_guard detached;
        expect_back_in(where, view, true);
    }
    if (called || PY_VERSION_HEX >= 0x030C0000) {
        PyThreadState *const state = PyEval_SaveThread();
        expect_back_in(where, view, false);
        PyEval_RestoreThread(state);
    }
    {
        const hf::detach_guard
            detached;  // or this thread still has the GIL, and the other waits for ever
        std::thread([] {
            const hf::attach_guard other;
            CHECK(here() == 0);
        }).join();
    }
    {
        const hf::attach_guard elsewhere(hf::main_view());
        expect_in(0);
    }
    hf::object kept(hf::eval<hf::object>("[1, 2]"));
    {
        const hf::detach_guard detached;
        static const hf::function<long long(hf::object)> length{"builtins", "len"};
        CHECK(length(kept) == 2);
        kept = {};
    }
    expect_in(where);
}

int steps = 0;

PyObject *probe_step(PyObject *, PyObject *) {
    ++steps;
    step_through(true);
    Py_RETURN_NONE;
}
PyObject *probe_here(PyObject *, PyObject *) { return PyLong_FromLongLong(here()); }
PyMethodDef methods[] = {{"step", probe_step, METH_NOARGS, nullptr},
                         {"here", probe_here, METH_NOARGS, nullptr},
                         {nullptr, nullptr, 0, nullptr}};
PyModuleDef_Slot slots[] = {
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, nullptr}};
PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "probe", nullptr, 0, methods, slots, nullptr, nullptr, nullptr};

using maker = std::function<PyThreadState *()>;

std::vector<maker> c_makers() {
    std::vector<maker> all{[] { return Py_NewInterpreter(); }};
#if PY_VERSION_HEX >= 0x030C0000
    for (const int gil : {PyInterpreterConfig_SHARED_GIL, PyInterpreterConfig_OWN_GIL})
        all.push_back([gil] {
            PyInterpreterConfig config{};
            config.allow_threads = 1;
            config.check_multi_interp_extensions = 1;
            config.use_main_obmalloc = gil == PyInterpreterConfig_SHARED_GIL ? 1 : 0;
            config.gil = gil;
            PyThreadState *made = nullptr;
            return PyStatus_Exception(Py_NewInterpreterFromConfig(&made, &config)) ? nullptr : made;
        });
#endif
    return all;
}

/// Attached to the main interpreter, and so again at the end.
void made_in_c(const maker &make) {
    PyThreadState *const before = PyThreadState_Get();
    PyThreadState *const made = make();
    CHECK(made != nullptr);
    step_through(false);
    hf::exec("import probe; probe.step()");
    Py_EndInterpreter(made);
    PyThreadState_Swap(before);
    CHECK(here() == 0);
    expect_in(0);
}

constexpr const char *made_by_python = R"(
def made_by_python():
    import sys, threading
    names = ['_xxsubinterpreters'] if sys.version_info < (3, 13) else ['_interpreters']
    module = __import__(names[0])
    script = 'import probe; probe.step()'
    calls = [lambda: module.create()]
    if sys.version_info >= (3, 12):
        calls += [lambda: module.create('legacy')] if sys.version_info >= (3, 13) else \
                 [lambda: module.create(isolated=False)]
    def run(made):
        problem = module.run_string(made, script)
        assert problem is None, problem
    for create in calls:
        made = create()
        run(made)
        failed = []
        def other():
            try:
                run(made)
            except BaseException as problem:
                failed.append(problem)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert not failed, failed
        module.destroy(made)
    if sys.version_info >= (3, 14):
        from concurrent import interpreters
        made = interpreters.create()
        made.exec(script)
        made.close()
made_by_python()
)";

void all_makers() {
    for (const maker &make : c_makers())
        made_in_c(make);
    hf::exec(made_by_python);
}

}  // namespace

int main() {
    PyImport_AppendInittab("probe", [] { return PyModuleDef_Init(&definition); });
    hf::interpreter python;
    {
        hf::subinterpreter own(python);
        hf::attach_guard inside(own.view());
        step_through(false);
        hf::exec("import probe; probe.step()");
    }
    {
        const hf::attach_guard attached(python);
        all_makers();
    }
    std::thread([] {  // whose outermost attach is somebody else's
        const PyGILState_STATE before = PyGILState_Ensure();
        all_makers();
        PyGILState_Release(before);
    })
        .join();
    CHECK(steps >= 5);
    CHECK(hf::eval<long long>("__import__('probe').here()") == 0);
    CHECK(python.finalize(std::chrono::seconds(10)).finalized);
}
