// holdfast/watch/trace_setup.hpp: turns a request to trace into an open trace file.
//
// HOLDFAST_TRACE=FILE records events, HOLDFAST_WATCHDOG=2s starts the watchdog; an
// interpreter_config can request the same. Both need a file: the trace's own, or a small one in
// shared memory.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <string>

#include <holdfast/annotations.hpp>
#include <holdfast/error.hpp>
#include <holdfast/platform/environment.hpp>
#include <holdfast/platform/formatted.hpp>
#include <holdfast/platform/library.hpp>
#include <holdfast/platform/output_file.hpp>
#include <holdfast/platform/process.hpp>
#include <holdfast/platform/rethrow.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/platform/visible_text.hpp>
#include <holdfast/process/trace_hooks.hpp>
#include <holdfast/trace/thread_track.hpp>
#include <holdfast/watch/own_gil.hpp>
#include <holdfast/watch/stacks.hpp>
#include <holdfast/watch/watchdog.hpp>

namespace holdfast::detail {

/// What the host wants to be traced or watched.
struct trace_request {
    std::string trace;                      // a file that does not exist yet; empty: no trace
    std::chrono::milliseconds watchdog{0};  // 0: no watchdog
};

/// A watchdog that never reports: it keeps its page up to date for counters.hpp and `holdfast top`.
inline constexpr std::chrono::hours no_report{24 * 3650};

/// "2s", "500ms" or "1.5", which means seconds. Negative: it is not a duration.
HOLDFAST_DETAIL_RARE inline std::chrono::milliseconds read_duration(const char *text) noexcept {
    char *end = nullptr;
    const double value = std::strtod(text, &end);
    const std::string unit = end;
    const double factor = unit == "ms" ? 1.0 : unit == "s" || unit.empty() ? 1000.0 : -1.0;
    if (end == text || factor < 0 || !(value >= 0) || value * factor > 1e12)
        return std::chrono::milliseconds(-1);
    return std::chrono::milliseconds(static_cast<std::int64_t>(value * factor));
}

/// "run-%p.trace" with %p replaced by the process's number.
HOLDFAST_DETAIL_RARE inline std::string with_pid(std::string path) {
    const std::size_t at = path.find("%p");
    if (at == std::string::npos)
        return path;
    return path.replace(at, 2,
                        formatted("%llu", static_cast<unsigned long long>(process_number())));
}

/// Adds the environment's requests to the host's; in an isolated host there are none.
HOLDFAST_DETAIL_RARE inline void read_trace_request(trace_request &request) {
    const char *const trace = own_variable("HOLDFAST_TRACE");
    if (request.trace.empty() && trace != nullptr)
        request.trace = trace;
    const char *const limit = own_variable("HOLDFAST_WATCHDOG");
    const char *const counters = own_variable("HOLDFAST_COUNTERS");
    if (limit == nullptr && request.watchdog.count() == 0 && counters != nullptr &&
        std::string(counters) == "1")
        request.watchdog = no_report;
    if (limit == nullptr || request.watchdog.count() != 0)
        return;
    request.watchdog = read_duration(limit);
    if (request.watchdog.count() < 0) {
        say("holdfast: HF802 HOLDFAST_WATCHDOG is not a duration: '%s'\n"
            "  do: write seconds or milliseconds, e.g. 2s or 500ms\n",
            visible_text(limit).c_str());
        request.watchdog = std::chrono::milliseconds(0);
    }
}

HOLDFAST_DETAIL_RARE inline void finish_file() noexcept {
    if (recorder *const file = process().record_file.load(std::memory_order_acquire)) {
        file->read_clocks();
        file->write_out();
    }
}

HOLDFAST_DETAIL_RARE inline void remove_page() noexcept {
    recorder *const file = process().record_file.load(std::memory_order_acquire);
    if (file != nullptr && file->header().pid == static_cast<std::uint64_t>(
                                                     process_number()))  // not in a forked child
        remove_file(page_path(file->header().pid));
}

/// Python has started.
HOLDFAST_DETAIL_RARE inline void trace_python(recorder &file) noexcept {
    file.header().python_version.store(compiled_version_hex, std::memory_order_relaxed);
    file.header().free_threaded.store(compiled_for_free_threading ? 1 : 0,
                                      std::memory_order_relaxed);
}

/// The same for interpreters that were registered before there was a file.
HOLDFAST_DETAIL_RARE inline void trace_earlier_interpreters(process_record &shared,
                                                            recorder &file) noexcept {
    if (shared.main.interpreter.load(std::memory_order_acquire) != nullptr)
        trace_python(file);
    const mutex_hold hold(shared.mutex);
    shared.for_each_record_locked([&](const interpreter_record &record) {
        if (record.interpreter.load(std::memory_order_acquire) != nullptr)
            trace_own_gil(file, record);
    });
}

[[nodiscard]] HOLDFAST_DETAIL_RARE inline startup_error cannot_record(const std::string &path,
                                                                      const std::string &why) {
    return {"HF801", formatted("cannot record into '%s': %s", path.c_str(), why.c_str()),
            "name a file that does not exist yet, in a folder that can be written"};
}

/// One thread at a time makes the file: a second would remove the first one's page. It is not
/// waited for. A forked child does not have the thread that began in its parent.
class tracing_start {
public:
    tracing_start() noexcept {
        const std::int64_t here = process_number();
        std::int64_t begun = begun_in_.load(std::memory_order_relaxed);
        is_ours_ = begun != here &&
                   begun_in_.compare_exchange_strong(begun, here, std::memory_order_acquire);
    }
    tracing_start(const tracing_start &) = delete;
    tracing_start &operator=(const tracing_start &) = delete;
    ~tracing_start() {
        if (is_ours_)
            begun_in_.store(0, std::memory_order_release);
    }
    explicit operator bool() const noexcept { return is_ours_; }

private:
    static inline std::atomic<std::int64_t> begun_in_{0};  // the process; 0: no thread is at it
    bool is_ours_ = false;
};

/// Starts recording, unless this process already does, or another thread is just starting it. Does
/// not need Python.
///
/// \throws startup_error HF801
HOLDFAST_DETAIL_RARE inline void begin_tracing(const trace_request &request) {
    process_record &shared = process();
    const bool wanted = !request.trace.empty() || request.watchdog.count() > 0;
    if (!wanted)  // first: a thread that wants it must not take this one for one that starts it
        return;
    const tracing_start alone;
    if (!alone || shared.record_file.load(std::memory_order_acquire) != nullptr)
        return;
    const std::string page = page_path(static_cast<std::uint64_t>(process_number()));
    if (request.trace.empty())
        remove_file(page);  // left by an earlier process with this number
    std::string path = request.trace.empty() ? page : with_pid(request.trace);
    recorder_size size;
    if (request.trace.empty())
        size = {64, 64, 64 * 1024, 16 * 1024};
    if (const char *const events = own_variable("HOLDFAST_TRACE_EVENTS"))
        if (const long given = std::strtol(events, nullptr, 10); given >= 64 && given <= (1L << 22))
            size.ring = static_cast<std::uint32_t>(given);
    std::string why;
    recorder *const made = recorder::create(path.c_str(), size, why);
    if (made == nullptr)
        throw cannot_record(path, why);
    recorder *expected = nullptr;
    if (!shared.record_file.compare_exchange_strong(expected, made))
        return;  // another library's copy of this came first; this recorder stays unused
    trace_earlier_interpreters(shared, *made);
    pin_library(reinterpret_cast<const void *>(&remove_page));
    std::atexit(request.trace.empty() ? &remove_page : &finish_file);
    shared.tracing.store(1, std::memory_order_release);
    watchdog::start(shared, *made, request.watchdog);
}

/// Starts recording as the host and the environment request. If only the environment named a file,
/// and it cannot be created, this reports the problem and the host goes on.
///
/// \throws startup_error HF801
HOLDFAST_DETAIL_RARE inline void begin_tracing_as_told(trace_request request) {
    const bool demanded = !request.trace.empty();
    read_trace_request(request);
    try {
        begin_tracing(request);
    } catch (const startup_error &problem) {
        if (demanded)
            rethrow();
        say("holdfast: %s\n", problem.what());
    }
}

/// Uses only the environment's requests, for an interpreter that other code started.
HOLDFAST_DETAIL_RARE inline void begin_tracing_if_told() noexcept {
    try {
        begin_tracing_as_told({});
    } catch (const std::exception &) {
        // no memory: nothing is recorded
    }
}

/// gc.callbacks calls it: ("start" or "stop", {"generation": n, ...}), on the thread that collects.
HOLDFAST_DETAIL_RARE inline PyObject *note_collection(PyObject *, PyObject *arguments) {
    thread_record *const self = this_thread();
    thread_track *const seen = self != nullptr ? track_of(*self) : nullptr;
    const char *phase = nullptr;
    PyObject *facts = nullptr;
    if (seen == nullptr)
        Py_RETURN_NONE;
    if (PyArg_ParseTuple(arguments, "sO", &phase, &facts) == 0) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    if (phase[2] == 'a') {  // start
        seen->collection_begun = seen->now();
    } else if (seen->collection_begun != 0) {
        static const char *const names[] = {"garbage collection, generation 0",
                                            "garbage collection, generation 1",
                                            "garbage collection, generation 2"};
        PyObject *const number =
            PyDict_Check(facts) != 0 ? PyDict_GetItemString(facts, "generation") : nullptr;
        const long generation = number != nullptr ? PyLong_AsLong(number) : -1;
        PyErr_Clear();
        const char *const name =
            generation >= 0 && generation <= 2 ? names[generation] : "garbage collection";
        seen->record(event_kind::collection, seen->collection_begun,
                     seen->function_number("", name));
        seen->collection_begun = 0;
    }
    Py_RETURN_NONE;
}

/// Attached, to an interpreter that was just registered. After a failure some events are not
/// recorded.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_RARE inline void trace_interpreter(
    bool is_main) noexcept {
    recorder *const file = process().record_file.load(std::memory_order_acquire);
    if (file == nullptr || process().tracing.load(std::memory_order_relaxed) == 0)
        return;
    static PyMethodDef callback = {"holdfast_note_collection", &note_collection, METH_VARARGS,
                                   nullptr};
    PyObject *const module = PyImport_ImportModule("gc");
    PyObject *const callbacks =
        module != nullptr ? PyObject_GetAttrString(module, "callbacks") : nullptr;
    PyObject *const function = PyCFunction_New(&callback, nullptr);
    if (callbacks != nullptr && function != nullptr && PyList_Check(callbacks) != 0)
        PyList_Append(callbacks, function);
    Py_XDECREF(function);
    Py_XDECREF(callbacks);
    Py_XDECREF(module);
    if (is_main) {
        trace_python(*file);
        file->header().ended.store(0, std::memory_order_relaxed);
        PyObject *const get = PySys_GetObject("getswitchinterval");  // borrowed
        PyObject *const interval = get != nullptr ? PyObject_CallNoArgs(get) : nullptr;
        const double seconds = interval != nullptr ? PyFloat_AsDouble(interval) : 0.005;
        file->header().switch_interval_us.store(static_cast<std::uint32_t>(seconds * 1e6),
                                                std::memory_order_relaxed);
        Py_XDECREF(interval);
        if (watchdog::is_on())
            arm_stacks();
    }
    PyErr_Clear();
}

/// Python has been finalized. A forked child records nothing: the file belongs to the parent.
HOLDFAST_DETAIL_RARE inline void end_tracing() noexcept {
    if (process().tracing.load(std::memory_order_relaxed) == 0)
        return;
    if (recorder *const file = process().record_file.load(std::memory_order_acquire)) {
        file->read_clocks();
        file->header().ended.store(1, std::memory_order_relaxed);
        file->write_out();
    }
}

}  // namespace holdfast::detail
