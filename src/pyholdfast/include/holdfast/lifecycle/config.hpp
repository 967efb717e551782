// holdfast/lifecycle/config.hpp: how Python is to be started.
//
// Plain values; startup.hpp turns them into a PyConfig.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: says what is missing

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

struct PyConfig;  // CPython's; python.hpp has them
struct PyInitConfig;

namespace holdfast {

/// Every field is optional; an empty one means CPython's own default.
struct interpreter_config {
    /// argv[0] as Python sees it; only used to find Python where `executable` is not known.
    std::string program_name = {};

    /// The Python whose prefix and packages are used, e.g. a virtual environment's python. It
    /// becomes sys.executable, which multiprocessing starts. Empty: $HOLDFAST_PYTHON, then
    /// $VIRTUAL_ENV, then the Python that the host was built for by `holdfast build` or CMake, if
    /// any. One that is seen to be of another Python than the host's is refused (HF238).
    std::filesystem::path executable = {};

    /// Where the standard library is, for a Python that was moved or bundled. Never an environment.
    std::filesystem::path home = {};

    /// sys.argv; empty: [''].
    std::vector<std::string> argv = {};

    /// Put in front of sys.path, in this order. A program made by `holdfast build` adds the folder
    /// of its source behind them, unless isolated, as `holdfast run` does.
    std::vector<std::filesystem::path> module_search_paths = {};

    /// Ignore all variables PYTHON*, HOLDFAST_* and VIRTUAL_ENV, the user's site-packages and the
    /// current folder. A program with more rights than its caller (setuid) should set it: holdfast
    /// then ignores its own variables and VIRTUAL_ENV in any case, but CPython still reads
    /// PYTHONPATH.
    bool isolated = false;

    /// Let Python handle SIGINT and ignore SIGPIPE. Otherwise the host's dispositions stay.
    bool install_signal_handlers = false;

    /// How long a thread may run Python before it lets others in; CPython's default is 5 ms.
    std::optional<std::chrono::microseconds> switch_interval = {};

    /// Records what threads do into this file, which must not exist yet; `holdfast trace` shows it.
    /// "%p" stands for the process's number. Empty: $HOLDFAST_TRACE, if set.
    std::filesystem::path trace = {};

    /// Says on stderr who waits for whom when an attach, a holdfast::mutex or finalize() takes
    /// longer; 0: $HOLDFAST_WATCHDOG, if set. The first of these settings in a process is the one
    /// that counts.
    std::chrono::milliseconds watchdog{0};

    /// Called by the start with CPython's own configuration, filled in from the fields above, just
    /// before Python is started with it: for all that they do not name, e.g. `verbose`,
    /// `import_time`, `dev_mode`, `buffered_stdio`. It is also the place for
    /// PyImport_AppendInittab(). Not attached. What it throws ends the start, which may be tried
    /// again. A lambda without captures; `configure_data` is handed to it.
    void (*configure)(PyConfig &config, void *data) = nullptr;

    /// The same by PEP 741, from CPython 3.14 on; then Python is started by PyInitConfig. Its texts
    /// are UTF-8, UTF-8 mode is on, and variables that set what CPython's isolated configuration
    /// fixes, e.g. PYTHONDEVMODE or PYTHONHASHSEED, have no effect. Earlier, or together with
    /// `configure`, it is refused (HF258).
    void (*configure_init)(PyInitConfig *config, void *data) = nullptr;

    void *configure_data = nullptr;  ///< given to `configure` or `configure_init` as `data`
};

}  // namespace holdfast
