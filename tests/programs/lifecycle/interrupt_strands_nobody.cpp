// An interrupt at any bytecode of an import, a `with` block, a generator's close() or __exit__ leaves no thread waiting.
// deadline: 60
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/interrupt_threads.hpp>

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

#include "check.hpp"

#if PY_VERSION_HEX >= 0x030E0000
#include <opcode_ids.h>
static_assert(LOAD_SPECIAL == holdfast::detail::load_special,
              "this Python numbers its instructions differently");
#endif

// One thread runs a scenario again and again. At the k-th place where CPython may raise, or a C function that was called
// may have let go of the interpreter, it stops, and another thread interrupts it. Held off, it is asked again at the next
// such place. Then a third thread does the same as the first, uninterrupted: if something was left taken, it waits for
// ever, and the test's deadline passes.

namespace {

/// The stop at the k-th place. Its mutex is a leaf, taken detached.
struct stop {
    std::mutex mutex;
    std::condition_variable changed;
    bool asks = false;  // these two: guarded by mutex
    bool over = false;
    bool raised = false;      // written by the interrupter while the other stands still
    std::uint64_t ident = 0;  // of the thread that is interrupted; written before it asks
    int at = 0;
    int count = 0;  // the interrupted thread's
};

stop *current = nullptr;
thread_local bool is_victim = false;

/// In the traced thread, which is attached: stands still until the interrupter has made its attempt.
void stand_still() {
    if (++current->count < current->at)
        return;
    const holdfast::detach_guard detached;
    std::unique_lock<std::mutex> hold(current->mutex);
    current->asks = true;
    current->changed.notify_all();
    current->changed.wait(hold, [] { return !current->asks; });
}

// What is asked at every instruction is asked in C: the runs are quick, and all places can be tried.
bool is_a_check[256] = {};  // by the numbers of instructions; filled by learn_check()

PyObject *learn_check(PyObject *, PyObject *number) {
    is_a_check[PyLong_AsLong(number)] = true;
    Py_RETURN_NONE;
}

bool is_check(PyObject *code, long offset) {
    PyObject *const text = PyObject_GetAttrString(code, "co_code");
    CHECK(text != nullptr);
    const auto *const bytes = reinterpret_cast<const unsigned char *>(PyBytes_AS_STRING(text));
    const bool answer = is_a_check[bytes[offset < 0 ? 0 : offset]];
    Py_DECREF(text);
    return answer;
}

bool is_c_function(PyObject *function) {
    return !PyType_Check(function) && !PyFunction_Check(function) && !PyMethod_Check(function);
}

// What watches is C code, so that the newest frame of the thread is the one that is looked at.
#if PY_VERSION_HEX >= 0x030C0000
PyObject *at_instruction(PyObject *, PyObject *arguments) {
    PyObject *code = nullptr;
    long offset = 0;
    CHECK(PyArg_ParseTuple(arguments, "Ol", &code, &offset));
    if (is_victim && !current->raised && is_check(code, offset))
        stand_still();
    Py_RETURN_NONE;
}

PyObject *at_call(PyObject *, PyObject *arguments) {
    if (is_victim && !current->raised && is_c_function(PyTuple_GetItem(arguments, 2)))
        stand_still();
    Py_RETURN_NONE;
}

void begin_to_watch() {
    static PyMethodDef methods[] = {{"at_instruction", &at_instruction, METH_VARARGS, nullptr},
                                    {"at_call", &at_call, METH_VARARGS, nullptr}};
    const holdfast::attach_guard attached;
    const holdfast::object watch = holdfast::eval<holdfast::object>("watch");
    CHECK(PyObject_CallFunctionObjArgs(watch.get(), PyCFunction_New(&methods[0], nullptr),
                                       PyCFunction_New(&methods[1], nullptr), nullptr) != nullptr);
}

void watch_this_thread(bool yes) { is_victim = yes; }
#else
int trace(PyObject *, PyFrameObject *frame, int what, PyObject *) {
    auto *const object = reinterpret_cast<PyObject *>(frame);
    if (what == PyTrace_CALL)
        CHECK(PyObject_SetAttrString(object, "f_trace_opcodes", Py_True) == 0);
    if (current->raised || (what != PyTrace_CALL && what != PyTrace_OPCODE))
        return 0;
    PyObject *const code = PyObject_GetAttrString(object, "f_code");
    PyObject *const offset = PyObject_GetAttrString(object, "f_lasti");
    if (what == PyTrace_CALL || is_check(code, PyLong_AsLong(offset)))  // a check follows
        stand_still();
    Py_DECREF(code);
    Py_DECREF(offset);
    return 0;
}

int profile(PyObject *, PyFrameObject *, int what, PyObject *function) {
    if (what == PyTrace_C_CALL && !current->raised && is_c_function(function))
        stand_still();
    return 0;
}

void begin_to_watch() {}

void watch_this_thread(bool yes) {
    is_victim = yes;
    PyEval_SetTrace(yes ? &trace : nullptr, nullptr);
    PyEval_SetProfile(yes ? &profile : nullptr, nullptr);
}
#endif

/// Calls `what` in a thread of its own, interrupted at the k-th place. \return false: there are fewer.
bool interrupted_at(int k, const std::string &what, bool patient) {
    stop here;
    here.at = k;
    current = &here;
    std::thread victim([&] {
        const holdfast::attach_guard attached;
        here.ident = holdfast::detail::this_thread_ident();
        CHECK(PyRun_SimpleString("victim = threading.get_ident()") == 0);
        const holdfast::object scenario = holdfast::eval<holdfast::object>(what);
        watch_this_thread(true);
        PyObject *const done = PyObject_CallNoArgs(scenario.get());
        watch_this_thread(false);
        holdfast::detail::release_import_locks();  // as within() and python_error do
        if (done == nullptr) {
            CHECK(PyErr_Occurred() == holdfast::detail::interrupted_type() ||
                  PyErr_ExceptionMatches(PyExc_TypeError));
            PyErr_Clear();
        }
        Py_XDECREF(done);
        const holdfast::detach_guard detached;
        const std::lock_guard<std::mutex> hold(here.mutex);
        here.over = true;
        here.changed.notify_all();
    });
    for (std::unique_lock<std::mutex> hold(here.mutex);;) {
        here.changed.wait(hold, [&] { return here.asks || here.over; });
        if (here.over)
            break;
        hold.unlock();
        bool raised = false;
        {
            const holdfast::attach_guard attached;
            holdfast::detail::asked_check nothing;
            raised = holdfast::detail::interrupt_thread(
                         here.ident, holdfast::detail::interrupted_type(), patient, nothing) ==
                     holdfast::detail::raise_outcome::raised;
        }
        hold.lock();
        here.raised = raised;
        here.asks = false;
        here.changed.notify_all();
    }
    victim.join();
    return here.count >= k;
}

struct scenario {
    const char *name;
    const char *before;   // run by nobody who is interrupted
    const char *after;    // must end
    bool patient = true;  // false: as if the thread had kept the exception off for long
};

const scenario table[] = {
    {"import_module", "sys.modules.pop('probe', None)", "import_module()"},
    {"import_fails", "pass", "import_fails()"},
    {"import_module", "others(1)", "import_module(); join_others()"},
    {"import_module", "others(2)", "import_module(); join_others()"},
    {"import_module", "one_behind()", "join_others(); import_module()"},
    {"with_lock", "pass", "with_lock()"},
#if PY_VERSION_HEX >= \
    0x030B0000  // 3.10 seems to check before the handler of a block that fails, see limits.md
    {"with_lock_that_fails", "pass", "with_lock()"},
#endif
    {"with_lock", "pass", "with_lock()", false},
    {"with_rlock", "pass", "with_rlock()"},
    {"with_rlock", "pass", "with_rlock()", false},
    {"with_condition", "pass", "with_condition()"},
    {"with_semaphore", "pass", "with_semaphore()"},
    {"with_class", "pass", "with_class()"},
    {"with_generator", "pass", "with_generator()"},
#if PY_VERSION_HEX >= 0x030B0000
    {"generator_closed", "pass", "generator_closed()"},
    {"generator_dropped", "pass", "generator_dropped()"},
#endif
};

const char *const python_part = R"(
import contextlib, dis, importlib.abc, importlib.machinery, sys, threading, time
from importlib import _bootstrap

for name in ("RESUME", "JUMP_BACKWARD", "JUMP_ABSOLUTE"):
    if name in dis.opmap:
        learn_check(dis.opmap[name])

def watch(at_instruction, at_call):
    events = sys.monitoring.events
    sys.monitoring.use_tool_id(3, "test")
    sys.monitoring.register_callback(3, events.INSTRUCTION, at_instruction)
    sys.monitoring.register_callback(3, events.CALL, at_call)
    sys.monitoring.set_events(3, events.INSTRUCTION | events.CALL)

class Probe(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "probe":
            return importlib.machinery.ModuleSpec(name, self)
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        if fails and threading.get_ident() == victim:
            at_barrier.append(fails.pop())
            barrier.acquire()
            sum(1)
        sum((1, 2))
        if threading.get_ident() == first_importer:
            is_inside.set()
            polls = 0
            while not victim_is_out.is_set() and polls < 5:  # until the victim waits, too
                polls = polls + 1 if _bootstrap._blocking_on.get(victim) else 0
                time.sleep(0.0005)

sys.meta_path.insert(0, Probe())
first_importer = victim = None
is_inside, victim_is_out = threading.Event(), threading.Event()
importers, fails = [], []

def import_module():
    import probe
    sum((1, 2))

def import_fails():
    try:
        import there_is_no_such_module
    except ImportError:
        pass

# The victim's import fails while another waits for it: that one waits as soon as the victim is in the module, and
# then a third lets the victim go on.
at_barrier, barrier = [], None

def import_second():
    while not at_barrier and not victim_is_out.is_set():
        time.sleep(0.0005)
    import probe

def open_barrier():
    while not _bootstrap._blocking_on.get(importers[0].ident) and not victim_is_out.is_set():
        time.sleep(0.0005)
    barrier.release()

def one_behind():
    global barrier
    barrier = threading.Lock()
    victim_is_out.clear()
    at_barrier.clear()
    fails.append(1)
    sys.modules.pop("probe", None)
    barrier.acquire()
    importers[:] = [threading.Thread(target=import_second), threading.Thread(target=open_barrier)]
    for one in importers:
        one.start()

def first_import():
    global first_importer
    first_importer = threading.get_ident()
    import probe

def others(count):
    global victim
    victim = None
    is_inside.clear()
    victim_is_out.clear()
    sys.modules.pop("probe", None)
    importers[:] = [threading.Thread(target=first_import)]
    importers[0].start()
    is_inside.wait()
    for _ in range(count - 1):
        importers.append(threading.Thread(target=import_module))
        importers[-1].start()
        while not _bootstrap._blocking_on.get(importers[-1].ident):
            time.sleep(0.0005)

def join_others():
    global first_importer
    fails.clear()
    victim_is_out.set()
    for one in importers:
        one.join()
    first_importer = None

lock, rlock, condition, semaphore = threading.Lock(), threading.RLock(), threading.Condition(), threading.Semaphore()

class Own:
    def __init__(self):
        self.lock = threading.Lock()
    def __enter__(self):
        self.lock.acquire()
        return self
    def __exit__(self, *error):
        self.lock.release()

own = Own()

@contextlib.contextmanager
def managed():
    with lock:
        yield

def with_lock():
    with lock:
        sum((1, 2))

def with_rlock():
    with rlock:
        sum((1, 2))

def with_condition():
    with condition:
        condition.notify_all()

def with_semaphore():
    with semaphore:
        sum((1, 2))

def with_class():
    with own:
        sum((1, 2))

def with_lock_that_fails():
    with lock:
        sum(1)

def with_generator():
    with managed():
        sum((1, 2))

def generator():
    with lock:
        yield 1
        yield 2

def generator_closed():
    one = generator()
    next(one)
    one.close()

def generator_dropped():
    next(generator())
)";

}  // namespace

int main() {
    holdfast::interpreter python;
    {
        static PyMethodDef learn{"learn_check", &learn_check, METH_O, nullptr};
        const holdfast::attach_guard attached;
        CHECK(PyDict_SetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), learn.ml_name,
                                   PyCFunction_New(&learn, nullptr)) == 0);
    }
    holdfast::exec(python_part);
    begin_to_watch();
    for (const scenario &one : table) {
        int k = 0;
        for (bool more = true; more;) {
            holdfast::exec(one.before);
            more = interrupted_at(++k, one.name, one.patient);
            // The first importer waits for the victim's number to wait, and the victim has ended. On Linux this thread
            // mostly has the same number, on Windows it does not.
            std::thread([&] {
                holdfast::exec("victim = threading.get_ident()");
                holdfast::exec(one.after);
            }).join();
        }
        std::printf("%s after '%s': %d places\n", one.name, one.before, k - 1);
        std::fflush(stdout);
        CHECK(k > 1);
    }
    CHECK(python.finalize(std::chrono::seconds(30)));
}
