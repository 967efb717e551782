// c/library/elf.hpp: whether a file is for this kind of processor.
#pragma once

#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace holdfast::c {

/// The architecture, from an ELF file's first bytes.
struct elf_kind {
    unsigned char bits = 0;  // 1: 32, 2: 64
    unsigned short machine = 0;

    [[nodiscard]] std::string text() const {
        static constexpr struct {
            unsigned short number;
            const char *name;
        } known[] = {{3, "i386"},      {20, "powerpc"}, {21, "ppc64"},
                     {22, "s390x"},    {40, "arm"},     {62, "x86-64"},
                     {183, "aarch64"}, {243, "riscv"},  {258, "loongarch"}};
        for (const auto &one : known)
            if (one.number == machine)
                return one.name;
        return "machine " + std::to_string(machine);
    }
};

/// False: it is not an ELF file, or cannot be read.
inline bool read_elf_kind(const std::string &path, elf_kind &found) {
    unsigned char head[20] = {};
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    const bool whole = read(file, head, sizeof head) == static_cast<ssize_t>(sizeof head);
    close(file);
    if (!whole || std::memcmp(head, "\177ELF", 4) != 0)
        return false;
    found.bits = head[4];
    const bool big = head[5] == 2;
    found.machine = static_cast<unsigned short>(head[big ? 18 : 19] << 8 | head[big ? 19 : 18]);
    return true;
}

/// Whether the system runs or loads it itself; false for a script.
inline bool is_binary(const std::string &path) {
    elf_kind kind;
    return read_elf_kind(path, kind);
}

/// "is for aarch64, and this program is for x86-64"; "" if it fits, or nothing is known.
inline std::string wrong_architecture(const std::string &path) {
    elf_kind its;
    elf_kind ours;
    if (!read_elf_kind(path, its) || !read_elf_kind("/proc/self/exe", ours))
        return {};
    if (its.bits == ours.bits && its.machine == ours.machine)
        return {};
    return "is for " + its.text() + ", and this program is for " + ours.text();
}

/// Whether an ELF file ends before its last table: the loader would crash on it.
inline bool is_cut_off(const std::string &path) {
    unsigned char head[64] = {};
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    const bool whole = read(file, head, sizeof head) == static_cast<ssize_t>(sizeof head);
    const off_t size = lseek(file, 0, SEEK_END);
    close(file);
    if (std::memcmp(head, "\177ELF", 4) != 0)
        return false;
    if (!whole)
        return true;
    const auto number = [&](int at, int bytes) {
        unsigned long long value = 0;
        for (int i = 0; i < bytes; ++i)
            value |=
                static_cast<unsigned long long>(head[head[5] == 2 ? at + bytes - 1 - i : at + i])
                << (8 * i);
        return value;
    };
    const bool wide = head[4] == 2;
    const unsigned long long sections = wide ? number(0x28, 8) : number(0x20, 4);
    const unsigned long long entries =
        number(wide ? 0x3C : 0x30, 2) * number(wide ? 0x3A : 0x2E, 2);
    return sections + entries > static_cast<unsigned long long>(size);
}

}  // namespace holdfast::c
