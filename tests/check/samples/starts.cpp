// Python starts in one function, or with an object, and ends in another.
#include <Python.h>

#include <memory>
#include <optional>

#include <holdfast/holdfast.hpp>

static PyThreadState *kept;
static bool own;

static void start() {
    Py_InitializeEx(0);
    kept = PyEval_SaveThread();
}

static int start_or_fail() {
    Py_Initialize();
    if (!Py_IsInitialized())
        return -1;
    kept = PyEval_SaveThread();
    return 0;
}

static void start_if_needed() {
    if (!Py_IsInitialized()) {
        Py_InitializeEx(0);
        own = true;
        kept = PyEval_SaveThread();
    }
}

static void end() {
    PyEval_RestoreThread(kept);
    Py_FinalizeEx();
}

static void work() {
    const PyGILState_STATE state = PyGILState_Ensure();
    PyErr_Clear();
    PyGILState_Release(state);
}

struct application {
    application() {
        Py_Initialize();
        saved_ = PyEval_SaveThread();
    }
    ~application() {
        PyEval_RestoreThread(saved_);
        Py_Finalize();
    }
    PyThreadState *saved_;
};

struct attached_application {
    attached_application() { Py_Initialize(); }
    ~attached_application() { Py_Finalize(); }
};

void with_objects() {
    {
        application here;
        work();
        PyErr_Clear();  // expect HF601
    }
    {
        attached_application here;
        PyErr_Clear();
    }
    PyErr_Clear();  // expect HF606
}

namespace {
// Also names of holdfast's own, which have to be called attached.
void run_pending() { holdfast::exec("x = 1"); }
void from_python() { holdfast::exec("x = 1"); }
}  // namespace

void only_in_the_branch(bool also, const holdfast::interpreter &python) {
    if (also)
        const holdfast::attach_guard attached(python);
    work();
}

void only_in_the_loop(int count, const holdfast::interpreter &python) {
    while (count-- > 0)
        const holdfast::attach_guard attached(python);
    PyErr_Clear();  // expect HF601 HF602
}

static void by_hand() {
    PyGILState_Ensure();
    Py_FinalizeEx();
}

void again() {
    {
        const std::optional<holdfast::interpreter> python(std::in_place);
        run_pending();
        from_python();
        by_hand();
    }
    auto python = std::make_unique<holdfast::interpreter>();
    work();
    by_hand();
    work();  // expect HF606
}

// Its end needs Python only where that runs.
struct lets_others_in {
    ~lets_others_in() {
        if (Py_IsInitialized()) {
            PyThreadState *saved = PyEval_SaveThread();
            PyEval_RestoreThread(saved);
        }
    }
};

int main() {
    { const lets_others_in before; }
    start();
    work();
    end();
    work();  // expect HF606
    if (start_or_fail() != 0)
        return 1;
    work();
    end();
    start_if_needed();
    work();
    if (own)
        end();
    with_objects();
    start();
    PyErr_Clear();  // expect HF601
    again();
    Py_Initialize();
    Py_FinalizeEx();
}
