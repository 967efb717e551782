// What runs at the end of objects: delete, reset(), clear(), scopes, members, deferred lambdas.
#include <Python.h>

#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

void work();
struct Args {
    PyObject *object;
    ~Args() { Py_XDECREF(object); }
};
struct Outer {
    int number = 0;
    Args args;
};
struct Derived : Outer {};
struct Plain {
    int number = 0;
};
struct Numbered {  // its part without a name is another one than that of Owner
    union {
        int number = 0;
        float real;
    };
};
struct Owner {
    struct {
        Args args;
    } its;
};

PyObject *by_delete(PyObject *, PyObject *arg) {
    Args *a = new Args{arg};
    Outer *b = new Outer;
    Derived *c = new Derived;
    Plain *d = new Plain;
    Py_BEGIN_ALLOW_THREADS
    work();
    delete d;
    delete a;  // expect HF601
    delete b;  // expect HF601
    delete c;  // expect HF601
    Py_END_ALLOW_THREADS
    return arg;
}
PyObject *by_delete_without_a_name(PyObject *, PyObject *arg) {
    Numbered *a = new Numbered;
    Owner *b = new Owner;
    Py_BEGIN_ALLOW_THREADS
    work();
    delete a;
    delete b;  // expect HF601
    Py_END_ALLOW_THREADS
    return arg;
}
PyObject *by_delete_after(PyObject *, PyObject *arg) {
    Args *a = new Args{arg};
    Py_BEGIN_ALLOW_THREADS
    work();
    Py_END_ALLOW_THREADS
    delete a;
    return arg;
}
PyObject *by_scope(PyObject *, PyObject *arg) {
    Py_BEGIN_ALLOW_THREADS
    { Args a{arg}; work(); }  // expect HF601
    { Plain b; work(); }
    Py_END_ALLOW_THREADS
    return arg;
}
void takes(Args &&all);
PyObject *by_scope_of_several(PyObject *, PyObject *arg) {
    Py_BEGIN_ALLOW_THREADS
    {
        Args one, other;  // expect HF601
        work();
        takes(std::move(other));
    }
    Py_END_ALLOW_THREADS
    return arg;
}
PyObject *by_scope_of_members(PyObject *, PyObject *arg) {
    Py_BEGIN_ALLOW_THREADS
    { Outer a{1, {arg}}; work(); }  // expect HF601
    Py_END_ALLOW_THREADS
    return arg;
}
PyObject *by_scope_of_a_container(PyObject *, PyObject *arg) {
    Py_BEGIN_ALLOW_THREADS
    { std::vector<std::unique_ptr<Args>> all; work(); }  // expect HF601
    { std::optional<Plain> one; work(); }
    Py_END_ALLOW_THREADS
    return arg;
}
std::unique_ptr<Args> makes() {
    PyThreadState *const saved = PyEval_SaveThread();  // expect HF602
    auto made = std::make_unique<Args>();
    work();
    PyEval_RestoreThread(saved);
    return made;
}
PyObject *by_reset(PyObject *, PyObject *arg) {
    auto a = std::unique_ptr<Args>(new Args{arg});
    std::vector<Args> b;
    Py_BEGIN_ALLOW_THREADS
    a.reset();  // expect HF601
    b.clear();  // expect HF601
    Py_END_ALLOW_THREADS
    return arg;
}

struct Job {
    PyObject *owner = nullptr;
    ~Job() { Py_XDECREF(owner); }
};
static void body(Job *job) {
    work();
    delete job;  // expect HF607
}
static void body_that_attaches(Job *job) {
    const PyGILState_STATE state = PyGILState_Ensure();
    delete job;
    PyGILState_Release(state);
}
PyObject *run(PyObject *, PyObject *owner) {
    std::thread(body, new Job).detach();
    std::thread(body_that_attaches, new Job).detach();
    return owner;
}

// A lambda that an object calls at its end.
template <class F>
class at_end {
public:
    explicit at_end(F function) : function_(function) {}
    ~at_end() { function_(); }

private:
    F function_;
};
int ends_in_order() {
    const PyGILState_STATE state = PyGILState_Ensure();
    const at_end release([&] { PyGILState_Release(state); });
    if (PyErr_Occurred())
        return 1;
    PyErr_Clear();
    return 0;
}
int ends_in_the_wrong_order(Job *job) {
    const at_end last([&] { delete job; });  // expect HF601
    const PyGILState_STATE state = PyGILState_Ensure();
    const at_end release([&] { PyGILState_Release(state); });
    PyErr_Clear();
    return 0;
}

PyObject *locks(PyObject *, PyObject *arg) {
    static std::mutex table;
    PyErr_Clear();
    std::unique_lock<std::mutex> lock(table, std::defer_lock);  // expect HF614
    lock.lock();  // expect HF614
    return arg;
}

// A destructor that releases what the constructor may not have acquired.
extern bool ending();
class guard_that_may_not {
public:
    guard_that_may_not() {
        if (!ending())
            state_ = PyGILState_Ensure();
    }
    ~guard_that_may_not() { PyGILState_Release(state_); }  // expect HF604

private:
    PyGILState_STATE state_;
};
class guard_that_remembers {
public:
    guard_that_remembers() {
        if (!ending()) {
            state_ = PyGILState_Ensure();
            attached_ = true;
        }
    }
    ~guard_that_remembers() {
        if (attached_)
            PyGILState_Release(state_);
    }

private:
    PyGILState_STATE state_;
    bool attached_ = false;
};
void with_both() {
    {
        const guard_that_may_not one;
        PyErr_Clear();
    }
    const guard_that_remembers other;
    PyErr_Clear();
}

// A method of another library, and a function of this file that has its name.
struct session {
    int add_feed(int number);
};
int add_feed(session &s, PyObject *number) {
    const long feed = PyLong_AsLong(number);
    PyThreadState *const saved = PyEval_SaveThread();
    const int added = s.add_feed(static_cast<int>(feed));
    PyEval_RestoreThread(saved);
    return added;
}

// An object that undoes what began before it, and was given to it.
class Resumer {
public:
    explicit Resumer(PyThreadState *state) : state_(state) {}
    Resumer(Resumer &&other) noexcept : state_(other.state_) { other.state_ = nullptr; }
    ~Resumer() {
        if (state_ != nullptr)
            PyEval_RestoreThread(state_);
    }

private:
    PyThreadState *state_;
};
Resumer let_others_in() { return Resumer(PyEval_SaveThread()); }
PyObject *with_resumer(PyObject *value) {
    {
        Resumer resumer = let_others_in();
        Py_INCREF(value);  // expect HF601
    }
    return PyObject_Str(value);
}

// Its objects end wherever a library drops them: its other methods attach by themselves.
class Listener {
public:
    virtual ~Listener() { Py_XDECREF(call_); }  // expect HF617
    virtual void heard() {
        PyGILState_STATE state = PyGILState_Ensure();
        Py_XDECREF(PyObject_CallNoArgs(call_));
        PyGILState_Release(state);
    }

private:
    PyObject *call_ = nullptr;
};

// Guards without a constructor: a member is initialised where it is declared.
struct preset_lock {
    ~preset_lock() { PyGILState_Release(state); }
    PyGILState_STATE state = PyGILState_Ensure();
};
class preset_unlock {
public:
    ~preset_unlock() { PyEval_RestoreThread(saved_); }

private:
    PyThreadState *saved_ = PyEval_SaveThread();
};
void locked_by_preset() {
    {
        preset_lock here;
        PyErr_Clear();
    }
    PyErr_Clear();  // expect HF601
}
PyObject *unlocked_by_preset(PyObject *value) {
    {
        preset_unlock here;
        Py_INCREF(value);  // expect HF601
    }
    return PyObject_Str(value);
}
