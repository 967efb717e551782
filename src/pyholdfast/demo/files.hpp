// files.hpp: which files the demo surveys, and their bytes. No Python here.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

namespace demo {

namespace fs = std::filesystem;

/// A file or folder that could not be surveyed, and why.
struct refusal {
    std::string name;
    std::string reason;
};

struct listing {
    std::vector<fs::path> files;   // sorted
    std::vector<refusal> refused;  // folders that cannot be opened
};

/// All files below `root` whose names end in .py. Links to folders are not followed; folders called
/// __pycache__, or like one of `skipped`, are left out.
inline listing python_files(const fs::path &root, const std::vector<std::string> &skipped) {
    listing found;
    std::vector<fs::path> folders{root};
    while (!folders.empty()) {
        const fs::path folder = folders.back();
        folders.pop_back();
        std::error_code why;
        for (fs::directory_iterator entry(folder, why), end; !why && entry != end;
             entry.increment(why)) {
            std::error_code broken;
            const std::string name = entry->path().filename().string();
            if (entry->symlink_status(broken).type() == fs::file_type::directory) {
                if (name != "__pycache__" &&
                    std::find(skipped.begin(), skipped.end(), name) == skipped.end())
                    folders.push_back(entry->path());
                continue;
            }
            // A dangling link is listed, and refused when it is read. Pipes and the like are not
            // listed, because reading one could take for ever.
            const fs::file_type type = entry->status(broken).type();
            if (entry->path().extension() == ".py" &&
                (type == fs::file_type::regular || type == fs::file_type::not_found))
                found.files.push_back(entry->path());
        }
        if (why)
            found.refused.push_back({folder.lexically_relative(root).string(), why.message()});
    }
    std::sort(found.files.begin(), found.files.end());
    return found;
}

/// The bytes of `file`; false, and errno's text in `reason`, if it cannot be read.
inline bool read_file(const fs::path &file, std::string &bytes, std::string &reason) {
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(stream), {});
    if (stream.is_open() && !stream.bad())
        return true;
    reason = errno != 0 ? std::strerror(errno) : "it cannot be read";
    return false;
}

}  // namespace demo
