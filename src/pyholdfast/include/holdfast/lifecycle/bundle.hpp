// holdfast/lifecycle/bundle.hpp: whether the running program is in a folder of `holdfast bundle`.
//
// Such a folder has the program, its Python, and a file that marks it. The program then uses that
// Python, whatever the user's environment says.
#pragma once

#include <filesystem>
#include <system_error>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/program_file.hpp>

namespace holdfast::detail {

/// The folder of the running program; empty: the system does not say.
HOLDFAST_DETAIL_COLD inline std::filesystem::path program_folder() {
    return program_file().parent_path();
}

/// The bundle that the running program is in; empty: it is in none. Costs one look at a file.
HOLDFAST_DETAIL_COLD inline std::filesystem::path bundle_folder() {
    std::error_code ignored;
    std::filesystem::path folder = program_folder();
    if (folder.empty() || !std::filesystem::exists(folder / "holdfast-bundle.json", ignored))
        folder.clear();
    return folder;
}

#if defined(_WIN32)
/// Python's name for the folder of the extension modules.
inline constexpr const char *library_folder_of_bundle = "DLLs";

/// The interpreter of a bundle, for child processes.
HOLDFAST_DETAIL_COLD inline std::filesystem::path bundled_python(
    const std::filesystem::path &bundle) {
    return bundle / "python.exe";
}
#else
/// The folder of the standard library, where some distributions have lib64.
inline constexpr const char *library_folder_of_bundle = "lib";

/// The interpreter of a bundle, for child processes.
HOLDFAST_DETAIL_COLD inline std::filesystem::path bundled_python(
    const std::filesystem::path &bundle) {
    return bundle / "lib" / "bin" / "python3";
}
#endif

/// The folder that a setting names, in which a leading `$ORIGIN` stands for the program's folder.
HOLDFAST_DETAIL_COLD inline std::filesystem::path from_origin(const std::filesystem::path &folder) {
    auto part = folder.begin();
    if (part == folder.end() || *part != "$ORIGIN")
        return folder;
    std::filesystem::path found = program_folder();
    while (++part != folder.end())
        found /= *part;
    return found;
}

}  // namespace holdfast::detail
