// c/library/portable_executable.hpp: whether a file of Windows is for this kind of processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

#include "windows_files.hpp"

namespace holdfast::c {

/// The number of the processor that a program or DLL is for; 0: it is neither, or cannot be read.
inline std::uint16_t machine_of(const std::string &path) {
    std::ifstream file(path_of(path), std::ios::binary);
    char head[4] = {};
    constexpr std::streamoff place_of_header = 0x3C;
    std::uint32_t at = 0;
    file.read(head, 2);
    if (!file || std::memcmp(head, "MZ", 2) != 0 || !file.seekg(place_of_header) ||
        !file.read(reinterpret_cast<char *>(&at), sizeof at) || !file.seekg(at) ||
        !file.read(head, sizeof head) || std::memcmp(head, "PE\0", sizeof head) != 0)
        return 0;
    std::uint16_t machine = 0;
    file.read(reinterpret_cast<char *>(&machine), sizeof machine);
    return machine;
}

inline std::string name_of_machine(std::uint16_t machine) {
    switch (machine) {
    case 0x014C:
        return "i386";
    case 0x8664:
        return "x86-64";
    case 0xAA64:
        return "aarch64";
    default:
        return "machine " + std::to_string(machine);
    }
}

/// Whether the system runs or loads it itself; false for a script.
inline bool is_binary(const std::string &path) { return machine_of(path) != 0; }

/// "is for aarch64, and this program is for x86-64"; "" if it fits, or nothing is known.
inline std::string wrong_architecture(const std::string &path) {
    const std::uint16_t its = machine_of(path);
    const std::uint16_t ours = machine_of(program_path());
    if (its == 0 || ours == 0 || its == ours)
        return {};
    return "is for " + name_of_machine(its) + ", and this program is for " + name_of_machine(ours);
}

/// The loader of Windows refuses such a file.
inline bool is_cut_off(const std::string &) { return false; }

}  // namespace holdfast::c
