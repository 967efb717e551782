// holdfast/lifecycle/module_search_path.hpp: where a program that was built looks for its modules.
//
// The program sets it, not the runtime, which is compiled once for programs in any folder.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <holdfast/lifecycle/bundle.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/environment.hpp>

namespace holdfast::detail {

#if defined(_WIN32)
inline constexpr char between_folders = '|';  // no path there has it
inline constexpr char between_paths = ';';    // in the system's variables
#else
inline constexpr char between_folders = ':';
inline constexpr char between_paths = ':';
#endif

/// Folders, with between_folders between them; null: none.
/// Threads: set before main(), read when Python starts.
inline const char *&default_modules() noexcept {
    static const char *folders = nullptr;
    return folders;
}

#ifdef HOLDFAST_DEFAULT_MODULES
inline const bool default_modules_are_said =
    (default_modules() = HOLDFAST_DEFAULT_MODULES) != nullptr;
#endif

/// Those of the folders that exist. None in a bundle, which has the modules inside.
HOLDFAST_DETAIL_COLD inline std::vector<std::filesystem::path> default_module_folders() {
    std::vector<std::filesystem::path> found;
    std::string left =
        default_modules() != nullptr && bundle_folder().empty() ? default_modules() : "";
    while (!left.empty()) {
        // A folder's name may have the separator in it: the longest name that exists is meant.
        std::size_t size = left.size();
        std::error_code ignored;
        while (size != 0 && !std::filesystem::is_directory(left.substr(0, size), ignored)) {
            const std::size_t at = left.rfind(between_folders, size - 1);
            size = at == std::string::npos ? 0 : at;
        }
        if (size != 0)
            found.emplace_back(left.substr(0, size));
        else
            size = std::min(left.find(between_folders), left.size());
        left.erase(0, size + 1);
    }
    return found;
}

/// Whether CPython would take the folder for two, because its name has what stands between folders.
HOLDFAST_DETAIL_COLD inline bool is_split(const std::filesystem::path &folder) {
    return folder.string().find(between_paths) != std::string::npos;
}

/// Whether PYTHONPATH begins with the folder: `holdfast run` names it to child processes too.
HOLDFAST_DETAIL_COLD inline bool is_first_of_pythonpath(const std::filesystem::path &folder) {
    const char *const path = environment("PYTHONPATH");
    const std::string first = folder.string() + between_paths;
    return path != nullptr && !is_split(folder) &&
           (std::string(path) + between_paths).compare(0, first.size(), first) == 0;
}

}  // namespace holdfast::detail
