// holdfast/lifecycle/startup.hpp: starts the main interpreter from an interpreter_config, attached.
//
// The checks come first, while a problem can still be reported as an exception: CPython's own
// checks come too late and say too little.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include <holdfast/attach/global_symbols.hpp>
#include <holdfast/error.hpp>
#include <holdfast/lifecycle/built_for.hpp>
#include <holdfast/lifecycle/bundle.hpp>
#include <holdfast/lifecycle/config.hpp>
#include <holdfast/lifecycle/init_config.hpp>
#include <holdfast/lifecycle/module_search_path.hpp>
#include <holdfast/lifecycle/python_of_executable.hpp>
#include <holdfast/platform/environment.hpp>
#include <holdfast/platform/rethrow.hpp>
#include <holdfast/process/shared_records.hpp>

namespace holdfast::detail {

/// The executable that Python is to use, and where it was named.
struct named_executable {
    fs::path path;
    const char *origin;    // for messages
    bool is_ours = false;  // known to belong to this host's Python
    fs::path bundle = {};  // the folder of the bundle whose Python is used
};

/// The Python of the bundle that the program is in. It decides about everything that the
/// configuration leaves open, so that nothing of the user's environment does.
HOLDFAST_DETAIL_COLD inline named_executable executable_of_bundle(const fs::path &bundle) {
    std::error_code ignored;
    const fs::path python = bundled_python(bundle);
    // Without an interpreter, the program itself is named: CPython would search PATH for one.
    return {fs::exists(python, ignored) ? python : program_file(), "the bundle", true, bundle};
}

HOLDFAST_DETAIL_COLD inline named_executable choose_executable(const interpreter_config &config) {
    if (!config.executable.empty())
        return {config.executable, "interpreter_config::executable"};
    if (config.home.empty())
        if (const fs::path bundle = bundle_folder(); !bundle.empty())
            return executable_of_bundle(bundle);
    if (!config.isolated) {
        if (const char *const python = own_variable("HOLDFAST_PYTHON"))
            return {python, "HOLDFAST_PYTHON"};
        if (const char *const folder = environment("VIRTUAL_ENV")) {
            return {python_in(folder), "VIRTUAL_ENV"};
        }
    }
#ifdef HOLDFAST_DEFAULT_PYTHON
    // The Python this host was built with. If another machine does not have it, that is not an
    // error.
    std::error_code ignored;
    if (config.home.empty() && fs::exists(HOLDFAST_DEFAULT_PYTHON, ignored) &&
        other_python_of(HOLDFAST_DEFAULT_PYTHON, true)
            .empty())  // nor if it has been replaced by another version
        return {HOLDFAST_DEFAULT_PYTHON, "the Python this host was built with", true};
#endif
    return {{}, "nothing"};
}

/// The value of `key` in an environment's pyvenv.cfg; empty if it has none.
HOLDFAST_DETAIL_COLD inline std::string venv_value(const fs::path &file, const std::string &key) {
    std::ifstream text(file);
    for (std::string line; std::getline(text, line);) {
        const std::size_t equals = line.find('=');
        if (equals == std::string::npos)
            continue;
        const auto strip = [](std::string part) {
            const std::size_t first = part.find_first_not_of(" \t\r");
            const std::size_t last = part.find_last_not_of(" \t\r");
            return first == std::string::npos ? std::string()
                                              : part.substr(first, last - first + 1);
        };
        if (strip(line.substr(0, equals)) == key)
            return strip(line.substr(equals + 1));
    }
    return {};
}

/// \param look_around  also use the folders around it.
HOLDFAST_DETAIL_COLD inline void demand_executable(const named_executable &python,
                                                   bool look_around) {
    const bool from_environment = std::string(python.origin) != "interpreter_config::executable";
    std::error_code why;
    if (!fs::is_regular_file(python.path, why))
        throw startup_error(
            from_environment ? "HF236" : "HF232",
            "cannot use '" + python.path.string() + "', named by " + python.origin + ": " +
                (fs::is_directory(python.path, why) ? "it is a folder" : "there is no such file"),
            from_environment
                ? "unset the variable, or make the environment again with python -m venv"
                : "name the interpreter itself, e.g. .venv/bin/python");
    const fs::path venv = python.path.parent_path().parent_path() / "pyvenv.cfg";
    const std::string other =
        python.is_ours ? std::string() : other_python_of(python.path, look_around);
    if (!other.empty())
        throw startup_error("HF238",
                            "'" + python.path.string() + "', named by " + python.origin +
                                ", is of Python " + other + ", and this host runs Python " +
                                compiled_name(),
                            "build the host with that Python, or name the executable of a Python " +
                                compiled_name());
    if (!fs::exists(venv, why))
        return;
    std::string version = venv_value(venv, "version");
    if (version.empty())
        version = venv_value(venv, "version_info");  // virtualenv and uv write this key
    const std::string wanted = compiled_minor();
    if (!version.empty() && version != wanted &&
        version.compare(0, wanted.size() + 1, wanted + '.') != 0)
        throw startup_error("HF233",
                            "the virtual environment of '" + python.path.string() + "', named by " +
                                python.origin + ", is for Python " + version +
                                ", and this host runs Python " + wanted,
                            "build the host with that environment's Python, or make an "
                            "environment with Python " +
                                wanted);
}

HOLDFAST_DETAIL_COLD inline void demand_home(const fs::path &home) {
    if (has_library(home, compiled_minor()) || has_library(home, compiled_minor() + 't'))
        return;
    throw startup_error("HF234",
                        "home '" + home.string() + "' has no standard library of Python " +
                            compiled_minor() + " (looked for " + library_text(compiled_minor()) +
                            ')',
                        "leave home empty, or give the base prefix, never a virtual environment; "
                        "an environment is chosen by its executable");
}

/// Without this check, text after a NUL would be lost silently.
HOLDFAST_DETAIL_COLD inline void demand_text(const char *field, const std::string &text) {
    const std::size_t at = text.find('\0');
    if (at != std::string::npos)
        throw startup_error("HF237",
                            std::string("interpreter_config::") + field + " holds '" +
                                text.substr(0, at) + "' with a NUL after it",
                            "end the text there, or take out the NUL");
}

HOLDFAST_DETAIL_COLD inline void demand_texts(const interpreter_config &config) {
    demand_text("program_name", config.program_name);
    demand_text("executable", config.executable.string());
    demand_text("home", config.home.string());
    demand_text("trace", config.trace.string());
    for (const std::string &argument : config.argv)
        demand_text("argv", argument);
    for (const fs::path &folder : config.module_search_paths)
        demand_text("module_search_paths", folder.string());
}

/// A PyConfig that is always cleared, and whose error statuses become startup_error.
class py_config {
public:
    explicit py_config(bool isolated) {
        if (isolated)
            PyConfig_InitIsolatedConfig(&config_);
        else
            PyConfig_InitPythonConfig(&config_);
    }
    py_config(const py_config &) = delete;
    py_config &operator=(const py_config &) = delete;
    ~py_config() { PyConfig_Clear(&config_); }

    PyConfig *operator->() noexcept { return &config_; }

    void set(wchar_t *PyConfig::*field, const std::string &text) {
        if (text.empty())
            return;
#if defined(_WIN32)
        check(PyConfig_SetString(&config_, &(config_.*field), wide_of(text).c_str()));
#else
        check(PyConfig_SetBytesString(&config_, &(config_.*field), text.c_str()));
#endif
    }

    void set_path(wchar_t *PyConfig::*field, const fs::path &path) {
        if (path.empty())
            return;
#if defined(_WIN32)
        check(PyConfig_SetString(&config_, &(config_.*field), path.c_str()));
#else
        check(PyConfig_SetBytesString(&config_, &(config_.*field), path.c_str()));
#endif
    }

#if defined(_WIN32)
    /// They are UTF-8; CPython would decode them from the code page.
    void set_argv(const std::vector<std::string> &texts) {
        std::vector<std::wstring> wide;
        for (const std::string &text : texts)
            wide.push_back(wide_of(text));
        std::vector<wchar_t *> words;
        for (std::wstring &text : wide)
            words.push_back(text.data());
        if (!words.empty())
            check(PyConfig_SetArgv(&config_, static_cast<Py_ssize_t>(words.size()), words.data()));
    }
#else
    /// CPython decodes it after its pre-initialisation, which decides the encoding: in the C locale
    /// it is UTF-8, which Py_DecodeLocale() does not know before.
    void set_argv(const std::vector<std::string> &texts) {
        std::vector<char *> bytes = pointers_to(texts);
        if (!bytes.empty())
            check(PyConfig_SetBytesArgv(&config_, static_cast<Py_ssize_t>(bytes.size()),
                                        bytes.data()));
    }
#endif

    /// \param where  returns the home and executable in use, for an error message.
    template <class Where>
    void initialize(const Where &where) {
        const PyStatus status = Py_InitializeFromConfig(&config_);
        if (PyStatus_Exception(status) != 0)
            fail(status, where());
    }

private:
    static void check(const PyStatus &status) {
        if (PyStatus_Exception(status) != 0)
            fail(status, {});
    }

    [[noreturn]] HOLDFAST_DETAIL_COLD static void fail(const PyStatus &status,
                                                       const std::string &where) {
        fail_to_start(status.err_msg, PyStatus_IsExit(status) != 0 ? &status.exitcode : nullptr,
                      where);
    }

    PyConfig config_;
};

/// The folders to put in front of sys.path: the configuration's, then those of the program that was
/// built.
HOLDFAST_DETAIL_COLD inline std::vector<fs::path> search_paths(const interpreter_config &config) {
    std::vector<fs::path> folders;
    for (const fs::path &folder : config.module_search_paths)
        folders.push_back(from_origin(folder));
    if (!config.isolated)
        for (const fs::path &folder : default_module_folders())
            if (!is_first_of_pythonpath(folder))
                folders.push_back(folder);
    return folders;
}

HOLDFAST_DETAIL_COLD inline void prepend_search_paths(const std::vector<fs::path> &folders) {
    PyObject *const path = PySys_GetObject("path");  // borrowed
    bool done = path != nullptr && PyList_Check(path) != 0;
    for (std::size_t i = 0; done && i < folders.size(); ++i) {
        PyObject *const text = PyUnicode_DecodeFSDefault(folders[i].string().c_str());
        done = text != nullptr && PyList_Insert(path, static_cast<Py_ssize_t>(i), text) == 0;
        Py_XDECREF(text);
    }
    if (!done) {
        PyErr_Clear();
        throw startup_error("HF230", "sys.path could not be extended",
                            "check module_search_paths of the interpreter_config");
    }
}

HOLDFAST_DETAIL_COLD inline void demand_one_hook(const interpreter_config &config) {
    if (config.configure_init != nullptr &&
        (config.configure != nullptr || !HOLDFAST_HAS_INIT_CONFIG))
        throw startup_error(
            "HF258",
            std::string("interpreter_config::configure_init cannot be used ") +
                (config.configure != nullptr ? "together with configure" : "before CPython 3.14"),
            "set configure, which every CPython has, and leave configure_init out");
}

/// All checks that do not need a running Python. A failure is not final yet.
HOLDFAST_DETAIL_COLD inline named_executable check_startup(const interpreter_config &config) {
    demand_same_build();
    demand_texts(config);
    demand_one_hook(config);
    const named_executable python = choose_executable(config);
    if (!python.bundle.empty()) {
        demand_home(python.bundle);
        return python;
    }
    if (!python.path.empty())
        demand_executable(python, config.home.empty() &&
                                      (config.isolated || environment("PYTHONHOME") == nullptr));
    if (!config.home.empty())
        demand_home(config.home);
    return python;
}

/// " (home '/opt/py' of PYTHONHOME, executable '/opt/py/bin/python3')": the settings that decide
/// which library is loaded.
HOLDFAST_DETAIL_COLD inline std::string home_and_executable(const interpreter_config &config,
                                                            const named_executable &python) {
    const char *const variable = config.isolated ? nullptr : environment("PYTHONHOME");
    std::string home = "the default home";
    if (!python.bundle.empty())
        home = "home '" + python.bundle.string() + "', a bundle";
    else if (!config.home.empty())
        home = "home '" + config.home.string() + '\'';
    else if (variable != nullptr)
        home = std::string("home '") + variable + "' of PYTHONHOME";
    return " (" + home + ", " +
           (python.path.empty() ? std::string("no executable named")
                                : "executable '" + python.path.string() + '\'') +
           ')';
}

/// The path to pass to CPython; empty: none. Absolute, but not resolved: an environment is
/// recognised by the link's own folder.
HOLDFAST_DETAIL_COLD inline fs::path executable_of(const named_executable &python) {
    return python.path.empty() ? fs::path() : fs::absolute(python.path);
}

/// The home to pass to CPython; empty: it looks around the executable, which in a bundle finds the
/// same folder.
HOLDFAST_DETAIL_COLD inline fs::path home_of(const interpreter_config &config,
                                             const named_executable &python) {
    if (python.bundle.empty())
        return config.home;
    return is_split(python.bundle) ? fs::path() : python.bundle;
}

/// Calls the host's hook. CPython has not started, so an exception is not final for the process.
template <class Config>
void let_host_configure(void (*hook)(Config, void *), Config config, void *data) {
    if (hook == nullptr)
        return;
    try {
        hook(config, data);
    } catch (...) {
        process().start_failed.store(false);
        rethrow();
    }
}

#if HOLDFAST_HAS_INIT_CONFIG
HOLDFAST_DETAIL_COLD inline void start_by_init_config(const interpreter_config &config,
                                                      const named_executable &python) {
    init_config settings(config.isolated || !python.bundle.empty());
    settings.set("install_signal_handlers", config.install_signal_handlers ? 1 : 0);
    settings.set("program_name", config.program_name);
    settings.set("executable", executable_of(python).string());
    settings.set("home", home_of(config, python).string());
    if (!python.bundle.empty())
        settings.set("platlibdir", std::string(library_folder_of_bundle));
    settings.set("argv", config.argv);
    let_host_configure<PyInitConfig *>(config.configure_init, settings.get(),
                                       config.configure_data);
    settings.initialize([&] { return home_and_executable(config, python); });
}
#endif

/// Starts Python; the calling thread is attached afterwards. A failure is final for the process.
HOLDFAST_DETAIL_COLD inline void start_python(const interpreter_config &config,
                                              const named_executable &python) {
#if HOLDFAST_DETAIL_HAS_GLOBAL_SYMBOLS
    make_symbols_global();
#endif
#if HOLDFAST_HAS_INIT_CONFIG
    if (config.configure_init != nullptr) {
        start_by_init_config(config, python);
        return;
    }
#endif
    py_config settings(config.isolated);
    settings->install_signal_handlers = config.install_signal_handlers ? 1 : 0;
    settings->parse_argv = 0;
    settings.set(&PyConfig::program_name, config.program_name);
    settings.set_path(&PyConfig::executable, executable_of(python));
    settings.set_path(&PyConfig::home, home_of(config, python));
    if (!python.bundle.empty()) {
        settings.set(&PyConfig::platlibdir, library_folder_of_bundle);
        settings->isolated = 1;  // otherwise as in any host: locale, stdio
    }
    settings.set_argv(config.argv);
    let_host_configure<PyConfig &>(config.configure, *settings.operator->(), config.configure_data);
    settings.initialize([&] { return home_and_executable(config, python); });
}

}  // namespace holdfast::detail
