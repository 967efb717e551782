// c/library/connection.hpp: the backend in use, and how it is found.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstring>
#include <exception>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "../last_error.hpp"
#include "../value_memory.hpp"
#include "find_python.hpp"

namespace holdfast::c {

/// The table of the backend in use; null: none yet. It is set only once.
inline std::atomic<const holdfast_backend *> connected{nullptr};

/// Whether a Python was seen running: started or adopted here, or by other code.
inline std::atomic<bool> has_started{false};

inline bool has_run() {
    // Another copy of this library may have started it after this one had found the backend.
    if (!has_started.load(std::memory_order_acquire) && find_loaded_python().runs)
        has_started.store(true, std::memory_order_release);
    return has_started.load(std::memory_order_acquire);
}

/// Held while a Python is found and loaded. Nothing that may run Python code, or wait for the GIL, is
/// called with it. Lock order: before all others.
inline std::mutex &starting() {
    static auto *const mutex = new std::mutex;
    return *mutex;
}

/// Copies this thread's last error from the backend to the library.
inline hf_status failed(const holdfast_backend *table, hf_status status) {
    holdfast_backend_error its;
    table->last_error(&its);
    last_error::set(its.code, its.message, its.type, its.traceback);
    return status;
}

inline hf_status checked(const holdfast_backend *table, hf_status status) {
    return __builtin_expect(static_cast<long>(status), HF_OK) == HF_OK ? HF_OK
                                                                       : failed(table, status);
}

/// The same for the connected backend. It asks again which that is, so that nothing is kept during
/// the call: `connected` is set only once.
inline hf_status checked_here(hf_status status) {
    return __builtin_expect(static_cast<long>(status), HF_OK) == HF_OK
               ? HF_OK
               : failed(connected.load(std::memory_order_relaxed), status);
}

inline hf_status not_started() {
    return last_error::set(HF_NOT_STARTED,
                           std::string("Python has not been started in this process"),
                           "call hf_start(), or hf_adopt() if other code started Python");
}

/// Loads the backend for the Python that this process has loaded. \throws search_error
inline const holdfast_backend *connect_loaded(const loaded_python &loaded, const char *folder,
                                              bool isolated) {
    const holdfast_backend *const table =
        load_backend(loaded.minor, std::string(), backend_folders(folder, isolated));
    connected.store(table, std::memory_order_release);
    return table;
}

/// If another copy of this library, or other code, has started Python, this library joins it.
/// Null: no Python runs. \throws search_error  there is no backend for it
inline const holdfast_backend *connect_if_running() {
    const std::lock_guard<std::mutex> alone(starting());
    if (const holdfast_backend *const table = connected.load(std::memory_order_acquire))
        return table;
    const loaded_python loaded = find_loaded_python();
    const holdfast_backend *table = loaded_backend();
    if (table == nullptr && loaded.runs)
        table = connect_loaded(loaded, nullptr, false);
    connected.store(table, std::memory_order_release);
    has_started.store(table != nullptr && loaded.runs, std::memory_order_release);
    return table;
}

/// The table, if a backend has been connected; null: table_if_any() and table_in_use() look further.
inline const holdfast_backend *table_at_once() noexcept {
    return connected.load(std::memory_order_acquire);
}

/// The table, for a function that cannot fail; null: there is none.
inline const holdfast_backend *table_if_any() noexcept {
    if (const holdfast_backend *const table = table_at_once())
        return table;
    try {
        return connect_if_running();
    } catch (const std::exception &) {  // no memory to look
        return nullptr;
    } catch (const search_error &) {
        return nullptr;
    }
}

/// Sets this thread's last error to one of the library's own. The backend notes it, too: a callback may
/// return its status, and Python's exception has the text that the backend knows.
inline hf_status fail(int code, const std::string &problem, const char *remedy) {
    last_error::set(code, problem, remedy);
    const error_texts *const mine = last_error::of_this_thread();
    const holdfast_backend *const table = table_if_any();
    if (mine != nullptr && table != nullptr)
        table->note(code, mine->message.c_str());
    return code;
}

inline hf_status fail(const search_error &problem) {
    return fail(problem.code, problem.problem, problem.remedy.c_str());
}

/// The table, for a handle, which another copy of this library may have made. Null: no handle.
inline const holdfast_backend *table_for(const void *handle) noexcept {
    return handle != nullptr ? table_if_any() : nullptr;
}

/// The same for a value: a backend may have made its memory, and may have notes of it.
inline const holdfast_backend *table_for_value(const hf_value &value) noexcept {
    return owns_memory(value) ? table_if_any() : nullptr;
}

/// The table, for a function that can fail; null: there is none, and the error is set.
inline const holdfast_backend *table_in_use() noexcept {
    if (const holdfast_backend *const table = table_at_once())
        return table;
    try {
        if (const holdfast_backend *const found = connect_if_running())
            return found;
        not_started();
    } catch (const std::exception &) {
        not_started();
    } catch (const search_error &problem) {
        fail(problem);
    }
    return nullptr;
}

/// Opens libpython, so that the backend and extension modules find its symbols.
/// \throws search_error
inline void open_libpython(const std::string &library) {
    if (!library.empty() && open_library(library, true) == nullptr)
        throw search_error{cannot_load_library,
                           "'" + library + "' cannot be loaded: " + why_not_opened(),
                           "install what it needs, or name another Python"};
}

/// Finds a Python that is not running yet, and loads it and its backend. \throws search_error
inline const holdfast_backend *connect(const hf_config &config, found_python &found) {
    const search wanted{find_loaded_python(),
                        backend_folders(config.backend_folder, config.isolated != 0)};
    found = find_python(config, wanted);
    if (!wanted.loaded.exists)
        open_libpython(found.library);
    const holdfast_backend *const table =
        load_backend(found.minor, found.executable, wanted.backends);
    connected.store(table, std::memory_order_release);
    return table;
}

}  // namespace holdfast::c
