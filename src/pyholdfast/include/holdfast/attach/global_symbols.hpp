// holdfast/attach/global_symbols.hpp: makes libpython's symbols visible to extension modules.
//
// Extension modules do not link libpython: they expect its symbols to be global in the process. A
// program that loads a host with dlopen(..., RTLD_LOCAL), as a JVM and most plug-in systems do,
// limits the symbols to that host; so does a program that contains the interpreter but does not
// export it. The first can be repaired here. For the second, the ImportError says what to do. On
// Windows an extension module names the DLL that it needs.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <string>

#include <holdfast/annotations.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/formatted.hpp>
#include <holdfast/platform/library.hpp>

namespace holdfast::detail {

#if HOLDFAST_DETAIL_HAS_GLOBAL_SYMBOLS

/// The advice to append to the ImportError of an extension module, on the same line, because
/// python_error shows the first line. Null: the symbols are visible. Written by the thread that
/// starts Python before it starts; read attached, after that. Not destroyed at exit, because an
/// interpreter may be registered even then.
HOLDFAST_DETAIL_PRIVATE inline std::atomic<const std::string *> hidden_symbols_advice{nullptr};

/// Whether a library that is loaded from now on finds libpython's symbols.
HOLDFAST_DETAIL_RARE inline bool has_global_symbols() noexcept {
    return is_global_symbol("PyObject_SelfIter");
}

/// Before Python starts: makes libpython's symbols global if they are not.
HOLDFAST_DETAIL_RARE inline void make_symbols_global() {
    // Left by an earlier start
    delete hidden_symbols_advice.exchange(nullptr, std::memory_order_acq_rel);
    if (has_global_symbols())
        return;
    const char *const inside = file_around(reinterpret_cast<const void *>(&PyObject_SelfIter));
    if (inside != nullptr && make_global(inside) && has_global_symbols())
        return;
    const std::string file = inside != nullptr ? inside : "the host";
    const std::string advice =
        file.find("libpython") != std::string::npos
            ? formatted(
                  " (HF158 extension modules cannot see the symbols of '%s'; do: in the "
                  "program, before Python starts: dlopen(\"%s\", RTLD_NOW | RTLD_GLOBAL))",
                  file.c_str(), file.c_str())
            : formatted(
                  " (HF168 '%s' has the interpreter inside, and does not export its "
                  "symbols; do: link it with -rdynamic, or with $(holdfast config "
                  "--ldflags), and without -Wl,--exclude-libs)",
                  file.c_str());
    hidden_symbols_advice.store(new std::string(advice), std::memory_order_release);
}

inline constexpr const char *explain_hidden_symbols_text = R"python(
def _install():
    import _frozen_importlib_external as machinery
    loader = machinery.ExtensionFileLoader
    plain = loader.create_module

    def create_module(self, spec):
        try:
            return plain(self, spec)
        except ImportError as problem:
            if " symbol" in str(problem) and "Py" in str(problem):
                problem.msg = str(problem) + advice
                problem.args = (problem.msg,)
            raise

    loader.create_module = create_module


_install()
)python";

/// Attached, to an interpreter that was just registered: adds the advice to its ImportErrors if
/// needed.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_RARE inline void explain_hidden_symbols() noexcept {
    const std::string *const text = hidden_symbols_advice.load(std::memory_order_acquire);
    if (text == nullptr)
        return;
    PyObject *const names = PyDict_New();
    PyObject *const advice = PyUnicode_DecodeFSDefault(text->c_str());
    PyObject *done = nullptr;
    if (names != nullptr && advice != nullptr &&
        PyDict_SetItemString(names, "advice", advice) == 0 &&
        PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins()) == 0)
        done = PyRun_String(explain_hidden_symbols_text, Py_file_input, names, names);
    Py_XDECREF(done);
    Py_XDECREF(advice);
    Py_XDECREF(names);
    PyErr_Clear();  // then the ImportError stays as it is
}

#endif

}  // namespace holdfast::detail
