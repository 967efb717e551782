// holdfast/platform/thread_cancel.hpp: pthread_cancel() does not act while a thread waits to attach.
//
// Must not include <Python.h>. CPython waits for the GIL in pthread_cond_timedwait(), which is a
// cancellation point: a thread that is cancelled there unwinds with the GIL's mutex locked, and
// nobody can attach after that. It also waits where a thread detaches and another one has asked for
// the GIL. So cancellation is held off for both, and acts at the thread's next cancellation point;
// an attach_guard that is about to be made is one.
//
// Holding it off is two atomic operations, which an attach can feel (12 to 18 %). So it is done
// only in a process where some loaded object imports pthread_cancel(). We look when a thread
// attaches for the first time. Not seen is who finds the function by dlsym(), and a library that is
// loaded later and cancels a thread that attached before, or is loaded in a forked child.
#pragma once

#include <atomic>

#include <pthread.h>
#if defined(__GLIBC__)
#include <cstddef>
#include <cstring>

#include <link.h>
#include <unistd.h>
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

#if defined(__GLIBC__)
/// Whether some object imports pthread_cancel(), as far as this library has seen. Only ever set.
HOLDFAST_DETAIL_PRIVATE inline std::atomic<bool> may_be_cancelled{false};

/// What a loaded object takes from others, as far as it is needed here.
///
/// Read from the relocations, which name each function that is called and say how many they are.
/// The symbol table has no length of its own: patchelf, which most wheels went through, moves the
/// names away from behind it, and the hash table of a program that exports nothing counts nothing.
class imported_names {
public:
    HOLDFAST_DETAIL_COLD explicit imported_names(const dl_phdr_info &object) noexcept {
        const ElfW(Dyn) *entry = nullptr;
        for (int i = 0; i < object.dlpi_phnum; ++i)
            if (object.dlpi_phdr[i].p_type == PT_DYNAMIC)
                entry = reinterpret_cast<const ElfW(Dyn) *>(object.dlpi_addr +
                                                            object.dlpi_phdr[i].p_vaddr);
        for (; entry != nullptr && entry->d_tag != DT_NULL; ++entry) {
            // The loader has made most addresses absolute; not those of the kernel's own object.
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

    [[nodiscard]] HOLDFAST_DETAIL_COLD bool have(const char *name) const noexcept {
        return symbols_ != nullptr && names_ != nullptr &&
               (is_in(calls_, name) || is_in(with_addend_, name) || is_in(plain_, name));
    }

private:
    struct relocations {
        ElfW(Addr) begin;
        std::size_t size;  // in bytes
        std::size_t each;
    };

    [[nodiscard]] HOLDFAST_DETAIL_COLD bool is_in(const relocations &table,
                                                  const char *name) const noexcept {
        // Below them, the number of the symbol
        constexpr unsigned type_bits = sizeof(ElfW(Addr)) == 8 ? 32 : 8;
        for (std::size_t at = 0; table.begin != 0 && at + table.each <= table.size;
             at += table.each) {
            // Both kinds begin alike.
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

/// How many objects had been loaded at this library's last look, and the process that looks. A
/// library's own, as the flag is: variables of the function would be those of all libraries, of
/// which the first would look for the others.
HOLDFAST_DETAIL_PRIVATE inline std::atomic<unsigned long long> loaded_before{0};
HOLDFAST_DETAIL_PRIVATE inline std::atomic<pid_t> looks_in{0};

/// Looks at all loaded objects, unless nothing has been loaded since the last look. Any thread,
/// attached or not.
///
/// Not in a child of a process that has looked: to look takes the loader's lock, which another
/// thread of the parent may have had at the fork, and glibc does not make it anew. So each library
/// looks when it finds the process's records.
HOLDFAST_DETAIL_COLD inline void look_for_cancel() noexcept {
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
    // Not before all have been looked at
    loaded_before.store(counted.now, std::memory_order_release);
}

inline bool threads_may_be_cancelled() noexcept {
    return may_be_cancelled.load(std::memory_order_relaxed);
}
#else
inline void look_for_cancel() noexcept {}
inline bool threads_may_be_cancelled() noexcept { return true; }
#endif

/// What was held off acts here: the thread unwinds. Only where that is permitted.
HOLDFAST_DETAIL_COLD inline void cancellation_point() {
    if (threads_may_be_cancelled())
        pthread_testcancel();
}

}  // namespace holdfast::detail
