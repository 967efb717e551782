// holdfast/lifecycle/config.hpp: the settings for starting Python.
//
// Plain values; startup.hpp converts them into a PyConfig.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

struct PyConfig;  // CPython's types; python.hpp includes their definitions
struct PyInitConfig;

namespace holdfast {

/// Every field is optional; an empty field keeps CPython's own default.
struct interpreter_config {
    /// argv[0] as Python sees it; only used to find Python if `executable` is unknown.
    std::string program_name = {};

    /// The Python whose prefix and packages are used, for example a virtual environment's python.
    /// It becomes sys.executable, which multiprocessing starts. Empty: the Python of the bundle
    /// that the program is in, $HOLDFAST_PYTHON, $VIRTUAL_ENV, then the Python that `holdfast
    /// build` or CMake built the host for, if any. If it visibly belongs to a different Python than
    /// the host's, it is refused (HF238). A bundle's Python ignores all PYTHON* variables.
    std::filesystem::path executable = {};

    /// The folder of the standard library, for a Python that was moved. Never an environment. A
    /// bundle's own folder need not be named.
    std::filesystem::path home = {};

    /// sys.argv; empty: [''].
    std::vector<std::string> argv = {};

    /// Folders to put in front of sys.path, in this order. A leading `$ORIGIN` stands for the
    /// folder of the program: `$ORIGIN/modules` is found wherever the program is moved to. A
    /// program made by `holdfast run`, `holdfast build` or holdfast_add_executable() adds the
    /// folder of its source after them, unless it is isolated or in a bundle.
    std::vector<std::filesystem::path> module_search_paths = {};

    /// Ignore all PYTHON*, HOLDFAST_* and VIRTUAL_ENV variables, the user's site-packages and the
    /// current folder. A program with more rights than its caller (setuid) should set this:
    /// holdfast then ignores its own variables and VIRTUAL_ENV in any case, but CPython still reads
    /// PYTHONPATH.
    bool isolated = false;

    /// Let Python handle SIGINT and ignore SIGPIPE. Otherwise the host's signal handlers stay.
    bool install_signal_handlers = false;

    /// How long a thread may run Python before it lets other threads run. CPython's default is 5
    /// ms.
    std::optional<std::chrono::microseconds> switch_interval = {};

    /// Record what threads do into this file, which must not exist yet; `holdfast trace` shows it.
    /// "%p" is replaced by the process's number. Empty: $HOLDFAST_TRACE, if set.
    std::filesystem::path trace = {};

    /// Report on stderr who waits for whom when an attach, a holdfast::mutex or finalize() takes
    /// longer than this; 0: $HOLDFAST_WATCHDOG, if set. Only the first such setting in a process
    /// counts.
    std::chrono::milliseconds watchdog{0};

    /// Called just before Python starts, with CPython's own configuration, filled in from the
    /// fields above. Use it for options that they do not cover, for example `verbose`,
    /// `import_time`, `dev_mode` or `buffered_stdio`, and for PyImport_AppendInittab(). Not
    /// attached. If it throws, the start ends, and can be tried again. Pass a lambda without
    /// captures; it receives `configure_data`.
    void (*configure)(PyConfig &config, void *data) = nullptr;

    /// The same with PEP 741, from CPython 3.14 on; Python is then started with PyInitConfig. Its
    /// texts are UTF-8 and UTF-8 mode is on. Variables for options that CPython's isolated
    /// configuration fixes, for example PYTHONDEVMODE or PYTHONHASHSEED, have no effect. Before
    /// 3.14, or together with `configure`, it is refused (HF258).
    void (*configure_init)(PyInitConfig *config, void *data) = nullptr;

    void *configure_data = nullptr;  ///< passed to `configure` or `configure_init` as `data`
};

}  // namespace holdfast
