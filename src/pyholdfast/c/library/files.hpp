// c/library/files.hpp: files and folders of the system.
#pragma once

#include <string>

#include "paths.hpp"
#if defined(_WIN32)
#include "windows_files.hpp"
#else
#include "posix_files.hpp"
#endif

namespace holdfast::c {

/// The folder of `holdfast bundle` that the program is in; "": it is in none.
inline std::string bundle_folder() {
    const std::string program = program_path();
    const std::string folder = program.empty() ? "" : folder_of(program);
    return !folder.empty() && is_file(folder + "/holdfast-bundle.json") ? folder : "";
}

}  // namespace holdfast::c
