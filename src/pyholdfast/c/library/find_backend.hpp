// c/library/find_backend.hpp: the backend for a Python: where it may be, and whether it fits.
#pragma once

#include <string>
#include <vector>

#include "../table.hpp"
#include "files.hpp"
#include "loaded.hpp"
#include "processor.hpp"
#include "refusals.hpp"

namespace holdfast::c {

inline constexpr const char *backend_symbol = "holdfast_backend_v1";

/// "holdfast-backend-3.13t.so"
inline std::string backend_name(const std::string &minor) {
    return "holdfast-backend-" + minor + library_suffix;
}

/// Where a backend is looked for, in this order.
inline std::vector<std::string> backend_folders(const char *configured, bool isolated) {
    std::vector<std::string> folders;
    if (configured != nullptr && *configured != '\0')
        folders.emplace_back(configured);
    if (const std::string bundle = bundle_folder(); !bundle.empty()) {  // it is complete
        folders.push_back(bundle + "/holdfast-backends");
        return folders;
    }
    if (const char *const named = isolated ? nullptr : environment("HOLDFAST_BACKENDS"))
        folders.emplace_back(named);
    if (const std::string program = program_path(); !program.empty())
        folders.push_back(folder_of(program) + "/holdfast-backends");
    if (const std::string ours = file_around(&backend_symbol);
        ours.find_first_of(separators) != std::string::npos) {
        std::string beside = folder_of(real_path(ours)) + "/holdfast-backends";
        if (folders.empty() || beside != folders.back())  // no /proc, no program_path()
            folders.push_back(std::move(beside));
    }
    if (const std::string cache = cache_folder(); !cache.empty())
        folders.push_back(cache + "/backends/" + std::to_string(backend_abi));
    return folders;
}

/// The command that makes a missing backend.
inline std::string backend_remedy(const std::string &python) {
    return "make it: holdfast backend --python " + (python.empty() ? "PATH" : python);
}

/// The backends for a Python, best first. Missing and untrusted files become refusals.
inline std::vector<std::string> backend_files(const std::string &minor,
                                              const std::vector<std::string> &folders,
                                              std::vector<refusal> &refused) {
    std::vector<std::string> files;
    const std::string cache = cache_folder();
    for (const std::string &folder : folders) {
        const std::string file = folder + '/' + backend_name(minor);
        if (!is_file(file)) {
            refused.push_back({no_backend, '\'' + file + '\'', "there is no such file", ""});
            continue;
        }
        const bool is_cached = !cache.empty() && file.compare(0, cache.size(), cache) == 0;
        const std::string fault = is_cached ? distrust(file) : std::string();
        if (!fault.empty())
            refused.push_back({backend_unfit, '\'' + file + '\'', fault, ""});
        else
            files.push_back(file);
    }
    return files;
}

/// Why this library cannot use a table; "": it can.
inline std::string why_not_table(const holdfast_backend *table, const std::string &minor) {
    if (table == nullptr)
        return "it gives no table";
    if (table->abi != backend_abi)
        return "it has the interface " + std::to_string(table->abi) +
               ", and this library needs the interface " + std::to_string(backend_abi);
    if (table->size < sizeof(holdfast_backend))
        return std::string("it is of an older version (") + table->runtime_version +
               ") than this library";
    if (!minor.empty() && minor != table->python)
        return std::string("it was built for Python ") + table->python + ", not for " + minor;
    return {};
}

/// The backend that another copy of this library has loaded; null: none.
/// \throws search_error  HF265 it does not fit.
inline const holdfast_backend *loaded_backend() {
    void *const symbol = find_exported(backend_symbol);
    if (symbol == nullptr)
        return nullptr;
    const holdfast_backend *const table = reinterpret_cast<holdfast_backend_function>(symbol)();
    const std::string why = why_not_table(table, {});
    if (!why.empty())
        throw search_error{backend_unfit,
                           "another library of this process has loaded a backend that this one "
                           "cannot use: " +
                               why,
                           "build both libraries with the same version of holdfast"};
    return table;
}

/// HF265 if a file was found that does not fit, else HF264.
inline int worst_of(const std::vector<refusal> &refused) {
    int code = no_backend;
    for (const refusal &one : refused)
        code = one.code == backend_unfit ? backend_unfit : code;
    return code;
}

/// Loads a backend. libpython must have been loaded, with global symbols.
inline const holdfast_backend *open_backend(const std::string &file, const std::string &minor,
                                            std::string &why) {
    why = wrong_architecture(file);
    if (!why.empty()) {
        why = "it " + why;
        return nullptr;
    }
    if (is_cut_off(file)) {
        why = "it is cut off";
        return nullptr;
    }
    // First with its symbols hidden from others: they may be those of another version.
    void *const library = open_library(file, false);
    if (library == nullptr) {
        why = "it cannot be loaded: " + why_not_opened();
        return nullptr;
    }
    void *const symbol = symbol_in(library, backend_symbol);
    if (symbol == nullptr) {
        why = "it is not a backend of holdfast, or one of another version: it has no " +
              std::string(backend_symbol) + "()";
        close_library(library);
        return nullptr;
    }
    const holdfast_backend *const table = reinterpret_cast<holdfast_backend_function>(symbol)();
    why = why_not_table(table, minor);
    if (!why.empty()) {
        close_library(library);
        return nullptr;
    }
    open_again(file);
    return table;
}

/// \throws search_error  HF264 none was found, HF265 those that were found do not fit.
inline const holdfast_backend *load_backend(const std::string &minor, const std::string &python,
                                            const std::vector<std::string> &folders) {
    if (const holdfast_backend *const table = loaded_backend())
        if (why_not_table(table, minor).empty())
            return table;
    std::vector<refusal> refused;
    for (const std::string &file : backend_files(minor, folders, refused)) {
        std::string why;
        if (const holdfast_backend *const table = open_backend(file, minor, why))
            return table;
        refused.push_back({backend_unfit, '\'' + file + '\'', why, ""});
    }
    const int code = worst_of(refused);
    throw search_error{code,
                       "there is no backend for Python " + minor +
                           (code == backend_unfit ? " that fits" : "") + listed(refused),
                       backend_remedy(python)};
}

}  // namespace holdfast::c
