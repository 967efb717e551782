// holdfast/lifecycle/module_search_path.hpp: the module folder of a program made by `holdfast build`.
//
// The program sets it, not the runtime, which is compiled once for programs in any folder.
#pragma once

namespace holdfast::detail {

/// The folder; null: none.
/// Threads: set before main(), read when Python starts.
inline const char *&default_modules() noexcept {
    static const char *folder = nullptr;
    return folder;
}

#ifdef HOLDFAST_DEFAULT_MODULES
inline const bool default_modules_are_said =
    (default_modules() = HOLDFAST_DEFAULT_MODULES) != nullptr;
#endif

}  // namespace holdfast::detail
