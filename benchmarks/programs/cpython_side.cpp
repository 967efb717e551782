// cpython_side.cpp: CPython's own ways to attach and to call; PEP 788's where it has them.
#include "guard_side.hpp"

#include <string>
#include <vector>

namespace {

struct gilstate {
    PyGILState_STATE state = PyGILState_Ensure();
    gilstate() = default;
    gilstate(const gilstate &) = delete;
    gilstate &operator=(const gilstate &) = delete;
    ~gilstate() { PyGILState_Release(state); }
};

/// The best that a program can do if it keeps its own thread state and checks nothing.
bench::samples kept(const bench::request &asked) {
    const bench::plain_python python;
    return bench::on_native_thread([&] {
        const gilstate outer;
        PyThreadState *const state = PyEval_SaveThread();
        bench::samples taken = bench::repeat(asked, [&] {
            PyEval_RestoreThread(state);
            PyEval_SaveThread();
        });
        PyEval_RestoreThread(state);
        return taken;
    });
}

/// Hand-written code for speed: no tuple, no parsing, every failure checked.
double vectorcall_add(PyObject *function, double a, double b) {
    PyObject *const arguments[] = {nullptr, PyFloat_FromDouble(a), PyFloat_FromDouble(b)};
    double sum = -1;
    if (arguments[1] != nullptr && arguments[2] != nullptr) {
        PyObject *const result = PyObject_Vectorcall(function, arguments + 1,
                                                     2 | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr);
        if (result != nullptr) {
            sum = PyFloat_AsDouble(result);
            Py_DECREF(result);
        }
    }
    Py_XDECREF(arguments[1]);
    Py_XDECREF(arguments[2]);
    bench::demand(sum != -1 || PyErr_Occurred() == nullptr, "add");
    return sum;
}

bench::samples typed_call(const bench::request &asked) {
    return bench::typed_call<gilstate>([&](PyObject *add) {
        return bench::repeat(asked, [&] { bench::checked_sum += vectorcall_add(add, 1.5, 2.5); });
    });
}

bench::samples typed_call_from_thread(const bench::request &asked) {
    const bench::plain_python python;
    return bench::on_native_thread([&] {
        PyObject *add = nullptr;
        {
            const gilstate attached;
            bench::define_add();
            add = bench::evaluate("add");
        }
        bench::samples taken = bench::repeat(asked, [&] {
            const gilstate attached;
            bench::checked_sum += vectorcall_add(add, 1.5, 2.5);
        });
        bench::check_sum();
        return taken;
    });
}

/// The best that a program can do from a native thread: it keeps its thread state and checks nothing.
bench::samples typed_call_kept(const bench::request &asked) {
    return bench::typed_call<gilstate>([&](PyObject *add) {
        PyThreadState *const state = PyEval_SaveThread();
        bench::samples taken = bench::repeat(asked, [&] {
            PyEval_RestoreThread(state);
            bench::checked_sum += vectorcall_add(add, 1.5, 2.5);
            PyEval_SaveThread();
        });
        PyEval_RestoreThread(state);
        return taken;
    });
}

/// A call whose argument and result are a list of 1000 elements, by hand: `make` returns a new element,
/// and `take` reads one.
template <class Make, class Take>
bench::samples list_call(const bench::request &asked, const Make &make, const Take &take) {
    const bench::plain_python python;
    return bench::on_native_thread([&] {
        const gilstate attached;
        bench::define_same();
        bench::define_level();
        PyObject *const same = bench::evaluate("same");
        bench::samples taken = bench::repeat(asked, [&] {
            PyObject *const list = PyList_New(static_cast<Py_ssize_t>(bench::list_length));
            bench::demand(list != nullptr, "PyList_New");
            for (std::size_t i = 0; i < bench::list_length; ++i) {
                PyObject *const item = make();
                bench::demand(item != nullptr, "an element");
                PyList_SET_ITEM(list, static_cast<Py_ssize_t>(i), item);
            }
            PyObject *const result = PyObject_CallOneArg(same, list);
            Py_DECREF(list);
            bench::demand(result != nullptr && PyList_CheckExact(result), "same");
            std::vector<decltype(take(result))> values;
            values.reserve(bench::list_length);
            for (Py_ssize_t i = 0; i < PyList_GET_SIZE(result); ++i)
                values.push_back(take(PyList_GET_ITEM(result, i)));
            Py_DECREF(result);
            bench::checked_sum += bench::weight(values.back());
        });
        Py_DECREF(same);
        bench::check_sum();
        return taken;
    });
}

double take_float(PyObject *item) {
    bench::demand(PyFloat_Check(item), "a float");
    return PyFloat_AS_DOUBLE(item);
}

long long take_int(PyObject *item) {
    const long long value = PyLong_AsLongLong(item);
    bench::demand(value != -1 || PyErr_Occurred() == nullptr, "an int");
    return value;
}

std::string take_text(PyObject *item) {
    Py_ssize_t size = 0;
    const char *const text = PyUnicode_AsUTF8AndSize(item, &size);
    bench::demand(text != nullptr, "a str");
    return std::string(text, static_cast<std::size_t>(size));
}

bench::samples list_of_floats(const bench::request &asked) {
    return list_call(asked, [] { return PyFloat_FromDouble(1.5); }, take_float);
}

bench::samples list_of_ints(const bench::request &asked) {
    return list_call(asked, [] { return PyLong_FromLongLong(123456); }, take_int);
}

bench::samples list_of_texts(const bench::request &asked) {
    const std::string text = bench::sample_text;
    return list_call(
        asked,
        [&] {
            return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr);
        },
        take_text);
}

/// The sum of 100 000 items of a generator, attached once for all of them.
bench::samples generator(const bench::request &asked) {
    const bench::plain_python python;
    return bench::on_native_thread([&] {
        const gilstate attached;
        bench::define_count();
        PyObject *const count = bench::evaluate("count");
        bench::samples taken = bench::repeat(asked, [&] {
            PyObject *const generator = PyObject_CallFunction(count, "i", bench::generator_length);
            bench::demand(generator != nullptr, "count");
            while (PyObject *const item = PyIter_Next(generator)) {
                bench::checked_sum += static_cast<double>(take_int(item));
                Py_DECREF(item);
            }
            bench::demand(PyErr_Occurred() == nullptr, "count");
            Py_DECREF(generator);
        });
        Py_DECREF(count);
        bench::check_sum();
        return taken;
    });
}

bench::samples start(const bench::request &) {
    const double begun = bench::now_ns();
    { const bench::plain_python python; }
    return {bench::now_ns() - begun};
}

/// The same with the module that holdfast imports up to 3.12: on whichever thread it is imported first,
/// that becomes Python's main thread.
bench::samples start_with_threading(const bench::request &) {
    const double begun = bench::now_ns();
    {
        const bench::plain_python python;
        const gilstate attached;
        Py_XDECREF(PyImport_ImportModule("threading"));
    }
    return {bench::now_ns() - begun};
}

bench::samples start_process(const bench::request &) { return bench::whole_process("start"); }

bench::samples memory(const bench::request &asked) {
    const bench::plain_python python;
    PyObject *const function = bench::make_small_function<gilstate>();
    return bench::growth(asked, [&] {
        const gilstate attached;
        bench::call_small(function);
    });
}

#if PY_VERSION_HEX >= 0x030F0000
bench::samples pep788(const bench::request &asked, bool with_call) {
    const bench::plain_python python;
    PyObject *const function = bench::make_small_function<gilstate>();
    PyInterpreterView *const view = PyInterpreterView_FromMain();
    bench::samples taken = bench::on_native_thread([&] {
        return bench::repeat(asked, [&] {
            PyThreadStateToken *const token = PyThreadState_EnsureFromView(view);
            bench::demand(token != nullptr, "PyThreadState_EnsureFromView");
            if (with_call)
                bench::call_small(function);
            PyThreadState_Release(token);
        });
    });
    PyInterpreterView_Close(view);
    return taken;
}

bench::samples pep788_small_call(const bench::request &asked) { return pep788(asked, true); }
bench::samples pep788_attach(const bench::request &asked) { return pep788(asked, false); }
#endif

constexpr bench::measure measures[] = {
    {"small_call", bench::small_call<gilstate>},
    {"small_call_threads", bench::small_call_threads<gilstate>},
    {"attach", bench::attach<gilstate>},
    {"nested", bench::nested<gilstate>},
    {"kept", kept},
    {"typed_call", typed_call},
    {"typed_call_from_thread", typed_call_from_thread},
    {"typed_call_kept", typed_call_kept},
    {"list_of_floats", list_of_floats},
    {"list_of_ints", list_of_ints},
    {"list_of_texts", list_of_texts},
    {"generator", generator},
    {"start", start},
    {"start_process", start_process},
    {"start_with_threading", start_with_threading},
    {"memory", memory},
#if PY_VERSION_HEX >= 0x030F0000
    {"pep788_small_call", pep788_small_call},
    {"pep788_attach", pep788_attach},
#endif
};

}  // namespace

int main(int argc, char **argv) { return bench::run(argc, argv, "cpython", PY_VERSION, measures); }
