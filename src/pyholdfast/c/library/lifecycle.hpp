// c/library/lifecycle.hpp: hf_start() and its relatives.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "connection.hpp"

#if defined(_WIN32)
constexpr const char *hf_default_modules = nullptr;  // no program has any there
#else
/// Defined by holdfast.h in a program that knows the folders of its modules; else null.
extern "C" __attribute__((weak, visibility("default"))) const char hf_default_modules[];
#endif

namespace holdfast::c {

// --- hf_define() before the start ------------------------------------------------------------

struct definition {
    std::string module, name;
    hf_callback function;
    void *user;
};

/// Functions to define in each Python that is started. They are kept for later starts.
struct definitions {
    std::mutex mutex;
    std::vector<definition> all;

    static definitions &of_process() {
        static auto *const its = new definitions;
        return *its;
    }

    void add(definition one) {
        const std::lock_guard<std::mutex> hold(mutex);
        for (definition &known : all)
            if (known.module == one.module && known.name == one.name) {
                known = std::move(one);
                return;
            }
        all.push_back(std::move(one));
    }

    std::vector<definition> copy() {
        const std::lock_guard<std::mutex> hold(mutex);
        return all;
    }
};

inline hf_status define_all(const holdfast_backend *table) {
    for (const definition &one : definitions::of_process().copy())
        if (const hf_status status =
                table->define(one.module.c_str(), one.name.c_str(), one.function, one.user))
            return failed(table, status);
    return HF_OK;
}

// --- start -----------------------------------------------------------------------------------

/// Before CPython starts: after a start that failed, it cannot be started again.
/// \throws search_error  HF269
inline void demand_usable(const hf_config &config) {
    const auto demand = [](bool holds, const char *problem, const char *remedy) {
        if (!holds)
            throw search_error{bad_argument, problem, remedy};
    };
    const auto has_all = [](const auto *texts, std::size_t count) {
        return count == 0 ||
               (texts != nullptr && std::find(texts, texts + count, nullptr) == texts + count);
    };
    demand(config.switch_interval_us >= 0, "hf_config.switch_interval_us is negative",
           "give it a number of microseconds, or 0 for CPython's 5 ms");
    demand(config.argv == nullptr || config.argc <= 0 ||
               has_all(config.argv, static_cast<std::size_t>(config.argc)),
           "hf_config.argv has a NULL before its end", "let argc count the texts before it");
    demand(has_all(config.module_search_paths, config.module_search_path_count),
           "hf_config.module_search_paths is NULL or has a NULL in it",
           "let module_search_path_count count the paths");
}

/// A configuration with all our fields; the program's may be of an older or a newer version.
/// \throws search_error  HF267, HF269
inline hf_config whole_config(const hf_config *given) {
    hf_config config;
    std::memset(&config, 0, sizeof config);
    if (given == nullptr)
        return config;
    // A size that no version will have: what comes after the configuration must not be read
    constexpr std::size_t largest = 1U << 16;
    if (given->size < 2 * sizeof(std::size_t) || given->size > largest)
        throw search_error{config_not_prepared,
                           "hf_config.size is " + std::to_string(given->size) +
                               ": the configuration was not prepared",
                           "zero it, and set size to sizeof(hf_config)"};
    std::memcpy(&config, given, std::min(given->size, sizeof config));
    const auto *const bytes = reinterpret_cast<const unsigned char *>(given);
    for (std::size_t i = sizeof config; i < given->size; ++i)
        if (bytes[i] != 0)
            throw search_error{config_not_prepared,
                               "hf_config has fields that this library does not know",
                               "use a library that is at least as new as the program's holdfast.h"};
    config.size = sizeof config;
    demand_usable(config);
    return config;
}

/// The configuration's module folders, then those that the program was built with. A bundle has
/// their modules inside.
class module_folders {
public:
    explicit module_folders(const hf_config &config)
        : all_(config.module_search_paths,
               config.module_search_paths + config.module_search_path_count) {
        if (config.isolated != 0 || hf_default_modules == nullptr || !bundle_folder().empty())
            return;
        own_ = existing(hf_default_modules);
        for (const std::string &folder : own_)
            if (!is_first_of_variable(folder))
                all_.push_back(folder.c_str());
    }

    void put_into(hf_config &config) const noexcept {
        config.module_search_paths = all_.data();
        config.module_search_path_count = all_.size();
    }

private:
    /// Those of some folders, with colons between them, that exist. A name may have a colon in it:
    /// the longest that exists is meant.
    static std::vector<std::string> existing(std::string left) {
        std::vector<std::string> found;
        while (!left.empty()) {
            std::size_t size = left.size();
            while (size != 0 && !is_folder(left.substr(0, size))) {
                const std::size_t at = left.rfind(':', size - 1);
                size = at == std::string::npos ? 0 : at;
            }
            if (size != 0)
                found.push_back(left.substr(0, size));
            else
                size = std::min(left.find(':'), left.size());
            left.erase(0, size + 1);
        }
        return found;
    }

    /// `holdfast run` names the folder to child processes too.
    static bool is_first_of_variable(const std::string &folder) {
        const char *const path = environment("PYTHONPATH");
        return path != nullptr && folder.find(':') == std::string::npos &&
               (std::string(path) + ':').compare(0, folder.size() + 1, folder + ':') == 0;
    }

    std::vector<const char *> all_;
    std::vector<std::string> own_;
};

/// Finds a Python for a start, and loads it and its backend. If one runs already, that one: its backend
/// will say why it cannot be started again. \throws search_error
inline const holdfast_backend *connect_for_start(const hf_config &config, found_python &found) {
    const std::lock_guard<std::mutex> alone(starting());
    const loaded_python loaded = find_loaded_python();
    if (!loaded.runs)
        return connect(config, found);
    const holdfast_backend *const table = connected.load(std::memory_order_acquire);
    return table != nullptr ? table
                            : connect_loaded(loaded, config.backend_folder, config.isolated != 0);
}

/// The lock is released before Python starts, which runs Python code: that may start or adopt a
/// Python, too. Of two starts at once, the backend refuses the second.
inline hf_status start(const hf_config *given, hf_interpreter **out) {
    hf_config config = whole_config(given);
    found_python found;
    const holdfast_backend *const table = connect_for_start(config, found);
    if (config.executable == nullptr && !found.executable.empty())
        config.executable = found.executable.c_str();
    const module_folders folders(config);
    folders.put_into(config);
    if (const hf_status status = table->start(&config, out))
        return failed(table, status);
    has_started.store(true, std::memory_order_release);
    if (define_all(table) != HF_OK) {
        // Kept: the end of Python runs code of the program, in which other calls may fail.
        const error_texts *const mine = last_error::of_this_thread();
        const error_texts why = mine != nullptr ? *mine : error_texts{HF_PYTHON_ERROR, "", "", ""};
        table->finalize(*out, -1, -1, nullptr);
        *out = nullptr;
        return last_error::set(why.code, why.message, why.type, why.traceback);
    }
    return HF_OK;
}

inline hf_status adopt(hf_interpreter **out) {
    const holdfast_backend *table = nullptr;
    {
        const std::lock_guard<std::mutex> alone(starting());
        const loaded_python loaded = find_loaded_python();
        table = connected.load(std::memory_order_acquire);
        if (!loaded.runs && table == nullptr)
            throw search_error{nothing_to_adopt,
                               "there is no Python to adopt: none runs in this process",
                               "call hf_start(), which starts one, or adopt after Py_Initialize()"};
        if (table == nullptr)
            table = connect_loaded(loaded, nullptr, false);
        has_started.store(has_started || loaded.runs, std::memory_order_release);
        if (!loaded.runs)
            return checked(table, table->adopt(out));  // it says why not
    }
    // First the functions: if one cannot be added, nobody has adopted Python.
    if (const hf_status status = define_all(table))
        return status;
    return checked(table, table->adopt(out));
}

/// No C++ exception leaves the library.
template <class Body>
hf_status protect(const Body &body) noexcept {
    try {
        return body();
    } catch (const search_error &problem) {
        return fail(problem);
    } catch (const std::exception &problem) {
        return fail(out_of_resources, std::string("the call failed: ") + problem.what(),
                    "free memory, and try again");
    }
}

}  // namespace holdfast::c
