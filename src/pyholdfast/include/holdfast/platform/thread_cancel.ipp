// holdfast/platform/thread_cancel.ipp: the body of thread_cancel.hpp: looks for pthread_cancel().
#pragma once

#include <holdfast/platform/thread_cancel.hpp>

#if defined(__GLIBC__)
#include <atomic>
#include <cstddef>
#include <cstring>

#include <link.h>
#include <unistd.h>

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// The names that a loaded object imports, as far as we need them.
///
/// We read them from the relocations, which name each function that is called and have a known
/// size. The symbol table does not state its length: patchelf, which most wheels went through,
/// moves the names from their place right after it, and the hash table of a program that exports
/// nothing has no entries to count.
class imported_names {
public:
    HOLDFAST_DETAIL_RARE explicit imported_names(const dl_phdr_info &object) noexcept {
        const ElfW(Dyn) *entry = nullptr;
        for (int i = 0; i < object.dlpi_phnum; ++i)
            if (object.dlpi_phdr[i].p_type == PT_DYNAMIC)
                entry = reinterpret_cast<const ElfW(Dyn) *>(object.dlpi_addr +
                                                            object.dlpi_phdr[i].p_vaddr);
        for (; entry != nullptr && entry->d_tag != DT_NULL; ++entry) {
            // The loader has made most addresses absolute, but not those of the kernel's own
            // object.
            const ElfW(Addr) address = entry->d_un.d_ptr < object.dlpi_addr
                                           ? entry->d_un.d_ptr + object.dlpi_addr
                                           : entry->d_un.d_ptr;
            const std::size_t number = entry->d_un.d_val;
            switch (entry->d_tag) {
            case DT_SYMTAB:
                symbols_ = reinterpret_cast<const ElfW(Sym) *>(address);
                break;
            case DT_STRTAB:
                names_ = reinterpret_cast<const char *>(address);
                break;
            case DT_STRSZ:
                names_size_ = number;
                break;
            case DT_RELA:
                with_addend_.begin = address;
                break;
            case DT_RELASZ:
                with_addend_.size = number;
                break;
            case DT_REL:
                plain_.begin = address;
                break;
            case DT_RELSZ:
                plain_.size = number;
                break;
            case DT_JMPREL:
                calls_.begin = address;
                break;
            case DT_PLTRELSZ:
                calls_.size = number;
                break;
            case DT_PLTREL:
                calls_.each = number == DT_RELA ? sizeof(ElfW(Rela)) : sizeof(ElfW(Rel));
                break;
            default:
                break;
            }
        }
    }

    [[nodiscard]] HOLDFAST_DETAIL_RARE bool have(const char *name) const noexcept {
        return symbols_ != nullptr && names_ != nullptr &&
               (is_in(calls_, name) || is_in(with_addend_, name) || is_in(plain_, name));
    }

private:
    struct relocations {
        ElfW(Addr) begin;
        std::size_t size;  // in bytes
        std::size_t each;
    };

    [[nodiscard]] HOLDFAST_DETAIL_RARE bool is_in(const relocations &table,
                                                  const char *name) const noexcept {
        // The symbol's number is above the relocation's type.
        constexpr unsigned type_bits = sizeof(ElfW(Addr)) == 8 ? 32 : 8;
        for (std::size_t at = 0; table.begin != 0 && at + table.each <= table.size;
             at += table.each) {
            // Rel and Rela begin with the same fields.
            const auto index =
                reinterpret_cast<const ElfW(Rel) *>(table.begin + at)->r_info >> type_bits;
            if (index == 0)
                continue;
            const ElfW(Sym) &symbol = symbols_[index];
            if (symbol.st_shndx == SHN_UNDEF && (symbol.st_info >> 4) == STB_GLOBAL &&
                symbol.st_name < names_size_ && std::strcmp(names_ + symbol.st_name, name) == 0)
                return true;
        }
        return false;
    }

    const ElfW(Sym) *symbols_ = nullptr;
    const char *names_ = nullptr;
    std::size_t names_size_ = 0;
    relocations calls_{0, 0, sizeof(ElfW(Rela))};
    relocations with_addend_{0, 0, sizeof(ElfW(Rela))};
    relocations plain_{0, 0, sizeof(ElfW(Rel))};
};

/// How many objects had been loaded when this library last looked, and the process that looks. Like
/// the flag, both belong to this library alone: static variables of the function would be shared by
/// all libraries, and the first one would look for the others.
HOLDFAST_DETAIL_PRIVATE inline std::atomic<unsigned long long> loaded_before{0};
HOLDFAST_DETAIL_PRIVATE inline std::atomic<pid_t> looks_in{0};

HOLDFAST_DETAIL_RARE_BODY void look_for_cancel() noexcept {
    if (may_be_cancelled.load(std::memory_order_relaxed))
        return;
    const pid_t here = getpid();
    pid_t first = 0;
    if (!looks_in.compare_exchange_strong(first, here, std::memory_order_relaxed) && first != here)
        return;
    struct look {
        unsigned long long before, now;
    } counted{loaded_before.load(std::memory_order_acquire), 0};
    dl_iterate_phdr(
        [](dl_phdr_info *object, std::size_t, void *its) {
            auto &seen = *static_cast<look *>(its);
            seen.now = object->dlpi_adds;
            if (seen.now == seen.before)
                return 1;
            if (imported_names(*object).have("pthread_cancel"))
                may_be_cancelled.store(true, std::memory_order_relaxed);
            return may_be_cancelled.load(std::memory_order_relaxed) ? 1 : 0;
        },
        &counted);
    // Stored only after all objects have been looked at.
    loaded_before.store(counted.now, std::memory_order_release);
}

}  // namespace holdfast::detail
#endif
