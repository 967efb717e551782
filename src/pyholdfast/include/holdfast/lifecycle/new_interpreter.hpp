// holdfast/lifecycle/new_interpreter.hpp: creates a sub-interpreter and sets up its search path.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/annotations.hpp>
#include <holdfast/attach/register_interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter_config.hpp>
#include <holdfast/objects/python_error.hpp>
#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

#if HOLDFAST_NEEDS_C_MODULES_IN_MAIN
/// Attached to the main interpreter. Once the main interpreter has loaded a module, CPython refuses
/// it in other interpreters before it runs any of its code, and no other interpreter owns it. A
/// module that cannot be imported here is left to the sub-interpreter, which then reports the
/// failure.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void import_in_main(
    const std::vector<std::string> &modules) noexcept {
    const auto import = [](const char *module) {
        owned(PyImport_ImportModule(module));
        PyErr_Clear();
    };
    // Modules of the standard library that nearly every program imports sooner or later. After
    // Python has been restarted, 3.13 needs that again. 3.12 crashes if they are imported again, by
    // any code.
    static std::atomic<std::uint64_t> done_in{0};
    const std::uint64_t now = process().main.generation.load();
    const std::uint64_t before = done_in.exchange(now);
    if (HOLDFAST_IMPORTS_C_MODULES_AGAIN ? before != now : before == 0)
        for (const char *const module : {"_datetime", "_decimal", "_ctypes"})
            import(module);
    for (const std::string &module : modules)
        import(module.c_str());
}
#endif

HOLDFAST_DETAIL_COLD inline PyThreadState *make_interpreter(
    const subinterpreter_config &config) noexcept {
#if HOLDFAST_HAS_OWN_GIL
    const bool shared = config.shared_gil;
    PyInterpreterConfig settings{};
    settings.use_main_obmalloc = shared ? 1 : 0;
    settings.allow_fork = shared ? 1 : 0;
    settings.allow_exec = shared ? 1 : 0;
    settings.allow_threads = 1;
    settings.allow_daemon_threads = shared ? 1 : 0;
    // Without a GIL, CPython does not create an interpreter without this check.
    settings.check_multi_interp_extensions = shared && HOLDFAST_HAS_FREE_THREADING == 0 ? 0 : 1;
    settings.gil = shared ? PyInterpreterConfig_SHARED_GIL : PyInterpreterConfig_OWN_GIL;
    PyThreadState *made = nullptr;
    return PyStatus_Exception(Py_NewInterpreterFromConfig(&made, &settings)) == 0 ? made : nullptr;
#else
    (void)config;
    return Py_NewInterpreter();
#endif
}

/// sys.path of the caller's interpreter, in the file system's encoding.
HOLDFAST_DETAIL_COLD inline std::vector<std::string> search_path() {
    std::vector<std::string> folders;
    PyObject *const path = PySys_GetObject("path");  // borrowed
    for (Py_ssize_t i = 0; path != nullptr && PyList_Check(path) && i < PyList_Size(path); ++i) {
        const owned item(PySequence_GetItem(path, i));
        const owned encoded(
            item && PyUnicode_Check(item.get()) ? PyUnicode_EncodeFSDefault(item.get()) : nullptr);
        if (encoded)
            folders.emplace_back(PyBytes_AS_STRING(encoded.get()));
        PyErr_Clear();
    }
    return folders;
}

HOLDFAST_DETAIL_COLD inline void set_search_path(const std::vector<std::string> &folders) {
    const owned path = demand(PyList_New(0));
    for (const std::string &folder : folders) {
        const owned item = demand(PyUnicode_DecodeFSDefault(folder.c_str()));
        if (PyList_Append(path.get(), item.get()) != 0)
            throw_python_error();
    }
    if (PySys_SetObject("path", path.get()) != 0)
        throw_python_error();
}

}  // namespace holdfast::detail
