// holdfast/isolated/isolated_config.hpp: the settings of an isolated_executor, and what it reports.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/lifecycle/module_search_path.hpp>
#include <holdfast/output/output_line.hpp>
#include <holdfast/pools/pool_config.hpp>

namespace holdfast {

/// Why a worker process ended.
enum class worker_end : unsigned char {
    signal,        ///< HF330 it crashed or was killed: by a signal, or an exception of Windows
    exit,          ///< HF331 its code called os._exit(), or the C library's exit()
    memory,        ///< HF332 it reached `memory`
    cpu,           ///< HF333 its task reached `cpu`
    protocol,      ///< HF334 it sent what no worker of ours sends
    start_failed,  ///< HF335 it did not start, or not in time
};

/// Something happened to a worker.
struct worker_event {
    enum class kind : unsigned char {
        started,                    ///< it takes tasks
        ended,                      ///< its process is gone, or was killed
        restarted,                  ///< another process has taken its place
    } what;                         ///< what happened
    int pid;                        ///< 0: there was no process
    std::string worker;             ///< "name-0"
    std::optional<worker_end> how;  ///< for `ended`; nullopt: as planned, or a task reached `limit`
    std::string text;               ///< one line for a log, without the worker's name
};

/// A task is about to reach its limit.
struct limit_question {
    std::string worker;  ///< "name-0"
    int pid;
    std::string task;                    ///< "scoring.score()"
    std::chrono::milliseconds time_had;  ///< since the task began, or since the last chunk
};

/// Every field is optional.
struct isolated_config {
    std::size_t workers = 0;  ///< 0: one per core. Some more processes wait as spares
    std::string name;         ///< workers are called name-0, name-1, ...; empty: "isolated"
    /// The interpreter that workers run, such as .venv/bin/python. Empty: that of the bundle the
    /// host is in, $HOLDFAST_PYTHON, $VIRTUAL_ENV, the Python that the host was built for, python3
    /// on PATH.
    std::filesystem::path python;
    /// Put in front of sys.path, as interpreter_config::module_search_paths is. Here and for
    /// `python`, a relative path is meant from the folder that the host was in when it made the pool.
    std::vector<std::filesystem::path> module_search_paths;
    std::vector<std::string> preload;  ///< imported before the first task
    /// Time per task, from when a worker takes it. When it has passed, the worker is killed.
    std::optional<std::chrono::milliseconds> limit;
    /// This long before the limit, the Python code gets holdfast.Interrupted. At most half of the
    /// limit; more counts as half. On Windows it does not end a wait other than time.sleep().
    std::chrono::milliseconds grace{0};
    /// Asked when a task reaches `limit`, or `grace` before it: how much longer may it run from now
    /// on? Zero: the limit stands. It is asked again when that time is over. Called on the thread
    /// that calls on_event, detached; until it returns, the task runs on.
    std::function<std::chrono::milliseconds(const limit_question &)> on_limit;
    /// Bytes of private memory per worker (RLIMIT_DATA; on Windows, of its job's processes each),
    /// including numpy's. Shared memory does not count.
    std::optional<std::size_t> memory;
    std::optional<std::chrono::seconds> cpu;  ///< processor time per task, of all its threads
    /// How many descriptors a worker may have (RLIMIT_NOFILE), including its own ten. With fewer
    /// than 16, it may not start. Windows has no such limit: there it is an error (HF336).
    std::optional<std::size_t> open_files;
    /// False: a worker cannot start processes, only threads (a seccomp filter, on x86-64 and
    /// aarch64; on other processors no worker starts then. On Windows, a limit of its job: then
    /// `python` must not be a launcher that starts another, unless a virtual environment has it).
    bool may_start_processes = true;
    std::size_t tasks_per_worker = 0;  ///< after these, it is replaced; 0: never
    std::size_t capacity = 1024;       ///< how many tasks may wait; at least 1
    when_full full = when_full::block;
    /// Called on a thread of ours, detached, one event at a time. It may destroy the pool: then limits
    /// stand, and no more events come.
    std::function<void(const worker_event &)> on_event;

    /// Gets what workers print and log, line by line, with output_line::worker. Empty: they write to
    /// the host's standard output and error, and log as Python does. Called on a thread of ours,
    /// detached, one line at a time; workers that print wait for it.
    std::function<void(const output_line &)> output;
    int log_level = -1;  ///< with `output`: the root logger's level in workers; -1: unchanged

    /// Further variables for the workers: "NAME=value", or "NAME" to pass on the host's. They also
    /// get the host's PATH, HOME, TZ, TMPDIR, LD_LIBRARY_PATH and those of the locale; on Windows,
    /// PATH, TZ, and those that name the system's and the user's folders.
    std::vector<std::string> environment;
    std::chrono::milliseconds start_limit{15000};      ///< for a start, `preload` included
    std::size_t result_limit = std::size_t{1} << 30U;  ///< bytes of one result
};

}  // namespace holdfast
