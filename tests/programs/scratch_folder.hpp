// scratch_folder.hpp: a folder for the program, removed when it ends.
#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <system_error>

#include "check.hpp"

/// Owns a new, empty folder below the system's temporary one.
class scratch_folder {
public:
    scratch_folder() {
        std::random_device numbers;
        do
            path_ =
                std::filesystem::temp_directory_path() / ("holdfast-" + std::to_string(numbers()));
        while (!std::filesystem::create_directory(path_));
    }
    scratch_folder(const scratch_folder &) = delete;
    scratch_folder &operator=(const scratch_folder &) = delete;
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path &path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};
