// Threads, guards of the code's own, and what reaches Python through other functions.
#include <Python.h>

#include <functional>
#include <pthread.h>
#include <thread>
#include <vector>

class gil {
public:
    gil() : state_(PyGILState_Ensure()) {}
    ~gil() { PyGILState_Release(state_); }

private:
    PyGILState_STATE state_;
};

class no_gil {
public:
    no_gil() : saved_(PyEval_SaveThread()) {}
    ~no_gil() { PyEval_RestoreThread(saved_); }

private:
    PyThreadState *saved_;
};

// A state that is there for a scope alone.
class passing {
public:
    explicit passing(PyThreadState *fresh) : state_(fresh) { PyEval_RestoreThread(fresh); }
    ~passing() {
        PyThreadState_Clear(state_);
        PyThreadState_DeleteCurrent();
    }

private:
    PyThreadState *state_;
};

class reference {
public:
    explicit reference(PyObject *object) : object_(object) {}
    ~reference() { Py_XDECREF(object_); }

private:
    PyObject *object_;
};

static void complain(const char *text) { PyErr_SetString(PyExc_ValueError, text); }
static void deeper(int depth) {
    if (depth > 0)
        deeper(depth - 1);
    complain("deep");
}
template <class T>
void in_template(T value) {
    gil attached;
    deeper(static_cast<int>(value));
}

void attached_worker(int number) {
    gil attached;
    deeper(number);
}
void detached_worker(int number) {
    deeper(number);  // expect HF607
}
void *c_worker(void *) {
    complain("from C");  // expect HF607
    return nullptr;
}

void passing_worker(PyInterpreterState *interpreter) {
    {
        passing attached(PyThreadState_New(interpreter));
        complain("right");
    }
    complain("too late");  // expect HF607
}

void clears_if_attached() {
    if (PyGILState_Check())
        PyErr_Clear();
}
bool has_failed() { return PyGILState_Check() != 0 && PyErr_Occurred() != nullptr; }

void start(int number) {
    std::vector<std::thread> all;
    all.emplace_back([] {
        clears_if_attached();
        (void)has_failed();
    });
    all.emplace_back(passing_worker, nullptr);
    all.emplace_back(attached_worker, number);
    all.emplace_back(detached_worker, number);
    all.emplace_back([] {
        gil attached;
        complain("right");
    });
    std::thread one([&] { deeper(number); });  // expect HF607
    std::thread two([number] { in_template(number); });
    pthread_t three;
    pthread_create(&three, nullptr, c_worker, nullptr);
    one.join();
    two.join();
    for (std::thread &each : all)
        each.join();
}

PyObject *wrong_order(PyObject *, PyObject *argument) {
    {
        no_gil detached;
        reference kept(argument);  // expect HF601
    }
    {
        reference kept(argument);
        no_gil detached;
        start(3);
    }
    no_gil detached;
    {
        gil again;
        reference kept(argument);
    }
    const std::function<void()> later = [] { gil inside; complain("later"); };
    later();
    complain("too early");  // expect HF601
    return nullptr;
}

PyGILState_STATE lock_python() { return PyGILState_Ensure(); }
void unlock_python(PyGILState_STATE state) { PyGILState_Release(state); }

int through_helpers(bool ready) {
    PyGILState_STATE state = lock_python();
    complain("fine");
    unlock_python(state);
    if (ready)
        complain("not any more");  // expect HF601
    return 0;
}

PyMethodDef methods[] = {{"wrong_order", wrong_order, METH_O, nullptr}, {nullptr, nullptr, 0, nullptr}};

struct hooks {
    void (*take)(void);
    void (*give)(void);
};
static hooks table;
static PyGILState_STATE kept;
static void real_take() { kept = PyGILState_Ensure(); }  // expect HF619
static void real_give() { PyGILState_Release(kept); }
static void no_take() {}
static void (*logger)(const char *) = complain;

void choose(bool real) {
    table.take = real ? &real_take : no_take;
    table.take = real_take;
    table.give = &real_give;
}
static void by_hooks() {
    table.take();
    complain("attached by a hook");
    table.give();
    logger("detached");  // expect HF601
}
void start_hooked() { std::thread(by_hooks).join(); }

static bool set_up() {
    table.take();
    complain("attached by a hook");
    return true;
}
static void by_helper() {
    if (set_up())
        complain("attached by a hook of another function");
    table.give();
}
void start_helped() { std::thread(by_helper).join(); }

// What a pointer to a lambda is for, is not done where the pointer is made.
static void (*when_idle)() = nullptr;
PyObject *plans(PyObject *, PyObject *) {
    Py_BEGIN_ALLOW_THREADS
    when_idle = [] { complain("idle"); };  // expect HF602
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(1);
}

// A reason at a call holds for whoever calls the function.
static bool is_inside() { return PyGILState_Check() != 0; }
static void drop(PyObject *object) {
    if (is_inside())
        Py_XDECREF(object);  // holdfast: ignore[HF601] is_inside() asked
}
PyObject *drops(PyObject *, PyObject *argument) {
    Py_BEGIN_ALLOW_THREADS
    drop(argument);
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(1);
}

// One text for each lambda that it is instantiated with.
template <class F>
static bool succeeds(F function) {
    try {
        function();
        return true;
    } catch (const std::exception &) {
        return false;
    }
}
PyObject *tries(PyObject *, PyObject *) {
    bool done = succeeds([] { complain("first"); });
    Py_BEGIN_ALLOW_THREADS
    done = succeeds([] { throw std::bad_function_call(); }) || done;
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(done);
}

// Lambdas given to libraries, which call them later or on other threads.
extern "C" {
void lib_set_hook(void (*hook)(void *), void *data);
void lib_set_other_hook(void (*hook)(void *), void *data);
void lib_loop(void);
void plain_set_hook(void (*hook)(void *), void *data);
void plain_loop(void);
}
PyObject *loops(PyObject *, PyObject *) {
    lib_set_hook([](void *) { complain("detached"); }, nullptr);  // expect HF617
    lib_set_other_hook([](void *) { gil attached; complain("right"); }, nullptr);
    plain_set_hook([](void *) { complain("attached"); }, nullptr);  // expect HF602
    plain_loop();
    Py_BEGIN_ALLOW_THREADS
    lib_loop();
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(1);
}
struct client {
    void on_message(const std::function<void()> &call);
    void on_close(const std::function<void()> &call);
    void each(const std::function<void()> &call);
};
void subscribes(client &one) {
    one.on_message([] { gil attached; complain("right"); });
    one.on_message([] { complain("late"); });  // expect HF617
    one.on_close([] { complain("nothing shows where"); });  // expect HF602
}
PyObject *visits(PyObject *, PyObject *argument) {
    client one;
    one.each([&] { complain("at once"); Py_INCREF(argument); });
    no_gil detached;
    one.each([&] { complain("detached"); });  // expect HF617
    return nullptr;
}
class thread_pool {
public:
    void submit(const std::function<void()> &task);
};
void submits(thread_pool &pool, int number) {
    pool.submit([number] { deeper(number); });  // expect HF617
    pool.submit([number] { in_template(number); });
}

// Methods that override those of a library.
class LibThread {
public:
    virtual ~LibThread();
    virtual void run();
};
class Listener {
public:
    virtual ~Listener();
    virtual void opened();
    virtual void closed();
};
class Visitor {
public:
    virtual ~Visitor();
    virtual void visit();
};
class my_thread : public LibThread {
    void run() override { complain("on another thread"); }  // expect HF617
};
class my_listener : public Listener {
    void opened() override {
        gil attached;
        complain("right");
    }
    void closed() override { complain("its neighbour attaches"); }  // expect HF617
};
class my_visitor : public Visitor {
    void visit() override { complain("nothing shows where"); }  // expect HF602
};

// A release that depends on what the attach returned.
class half_gil {
public:
    half_gil() : state_(PyGILState_Ensure()) {}
    ~half_gil() {
        if (state_ == PyGILState_LOCKED)
            PyGILState_Release(state_);  // expect HF603
    }

private:
    PyGILState_STATE state_;
};

// A detach whose state all threads share.
class shared_no_gil {
public:
    shared_no_gil() { saved_ = PyEval_SaveThread(); }  // expect HF602 HF619
    ~shared_no_gil() { PyEval_RestoreThread(saved_); }

private:
    static PyThreadState *saved_;
};
class own_no_gil {
public:
    own_no_gil() { saved_ = PyEval_SaveThread(); }  // expect HF602
    ~own_no_gil() { PyEval_RestoreThread(saved_); }

private:
    static thread_local PyThreadState *saved_;
};

// What bind() keeps runs later: where its maker attaches, callers need not be attached.
namespace lib {
template <class F, class... Arguments>
std::function<void()> bind(F, Arguments...);
void keep(const std::function<void()> &call);
}  // namespace lib
static void drop_later(PyObject *object) { Py_DECREF(object); }  // expect HF617
static void keep_later(PyObject *object) { Py_DECREF(object); }
void gives_away(PyObject *object) {
    gil attached;
    Py_INCREF(object);
    lib::keep(lib::bind(drop_later, object));
}
PyObject *gives_attached(PyObject *, PyObject *object) {
    Py_INCREF(object);
    lib::keep(lib::bind(keep_later, object));
    return nullptr;
}

// A namespace whose name begins like Python's functions.
namespace PyThings {
static void complains(void *) { complain("detached"); }  // expect HF617
static PyObject *detaches(PyObject *, PyObject *) {
    no_gil detached;
    lib_set_hook(complains, nullptr);
    return nullptr;
}
}  // namespace PyThings
PyMethodDef things[] = {
    {"detaches", PyThings::detaches, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
