// holdfast/detail/thread_cancel.hpp: pthread_cancel() does not act while a thread waits to attach.
//
// Layer 08. Must not include <Python.h>. CPython waits for the GIL in pthread_cond_timedwait(), which is a cancellation
// point: a thread that is cancelled there unwinds with the GIL's mutex locked, and nobody can attach after that. It also
// waits where a thread detaches and another one has asked for the GIL. So cancellation is held off for both, and acts at
// the thread's next cancellation point; an attach_guard that is about to be made is one.
//
// Holding it off is two atomic operations, which an attach can feel (12 to 18 %). So it is done only in a process where
// some loaded object imports pthread_cancel(). We look when a thread attaches for the first time. Not seen is who finds
// the function by dlsym(), and a library that is loaded later and cancels a thread that attached before.
#pragma once

#include <atomic>

#include <pthread.h>
#if defined(__GLIBC__)
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <link.h>
#endif

#include "attributes.hpp"

namespace holdfast::detail {

#if defined(__GLIBC__)
/// Whether some object imports pthread_cancel(), as far as this library has seen. Only ever set.
HOLDFAST_DETAIL_PRIVATE inline std::atomic<bool> may_be_cancelled{false};

/// A dynamic symbol table, as far as it is needed here.
struct symbol_table {
    const ElfW(Sym) *symbols = nullptr;
    const char *names = nullptr;
    std::size_t names_size = 0;
    std::size_t count = 0;

    /// Of a loaded object; empty if it has none.
    HOLDFAST_DETAIL_COLD explicit symbol_table(const dl_phdr_info &object) noexcept {
        const ElfW(Dyn) *entry = nullptr;
        for (int i = 0; i < object.dlpi_phnum; ++i)
            if (object.dlpi_phdr[i].p_type == PT_DYNAMIC)
                entry = reinterpret_cast<const ElfW(Dyn) *>(object.dlpi_addr + object.dlpi_phdr[i].p_vaddr);
        for (; entry != nullptr && entry->d_tag != DT_NULL; ++entry) {
            // The loader has made most of these absolute; not those of the kernel's own object.
            const ElfW(Addr) address =
                entry->d_un.d_ptr < object.dlpi_addr ? entry->d_un.d_ptr + object.dlpi_addr : entry->d_un.d_ptr;
            if (entry->d_tag == DT_SYMTAB)
                symbols = reinterpret_cast<const ElfW(Sym) *>(address);
            else if (entry->d_tag == DT_STRTAB)
                names = reinterpret_cast<const char *>(address);
            else if (entry->d_tag == DT_STRSZ)
                names_size = entry->d_un.d_val;
        }
        // No entry says how many symbols there are. Linkers put the names behind them; what may lie between reads as
        // symbols without sense, which the test of each bears.
        const auto first = reinterpret_cast<std::uintptr_t>(symbols);
        const auto end = reinterpret_cast<std::uintptr_t>(names);
        count = symbols != nullptr && end > first ? (end - first) / sizeof(ElfW(Sym)) : 0;
    }

    [[nodiscard]] HOLDFAST_DETAIL_COLD bool imports(const char *name) const noexcept {
        for (std::size_t i = 1; i < count; ++i)
            if (symbols[i].st_shndx == SHN_UNDEF && (symbols[i].st_info >> 4) == STB_GLOBAL &&
                symbols[i].st_name < names_size && std::strcmp(names + symbols[i].st_name, name) == 0)
                return true;
        return false;
    }
};

/// Looks at all loaded objects, unless nothing has been loaded since the last look. Any thread, attached or not.
HOLDFAST_DETAIL_COLD inline void look_for_cancel() noexcept {
    static std::atomic<unsigned long long> loaded_before{0};
    if (may_be_cancelled.load(std::memory_order_relaxed))
        return;
    unsigned long long loaded = loaded_before.load(std::memory_order_relaxed);
    dl_iterate_phdr(
        [](dl_phdr_info *object, std::size_t, void *before) {
            if (object->dlpi_adds == *static_cast<unsigned long long *>(before))
                return 1;
            if (symbol_table(*object).imports("pthread_cancel"))
                may_be_cancelled.store(true, std::memory_order_relaxed);
            loaded_before.store(object->dlpi_adds, std::memory_order_relaxed);
            return may_be_cancelled.load(std::memory_order_relaxed) ? 1 : 0;
        },
        &loaded);
}

inline bool threads_may_be_cancelled() noexcept { return may_be_cancelled.load(std::memory_order_relaxed); }
#else
inline void look_for_cancel() noexcept {}
inline bool threads_may_be_cancelled() noexcept { return true; }
#endif

/// Holds cancellation off while it lives. Where the type is deferred, the end of it cancels nothing either.
class cancel_held_off {
public:
    cancel_held_off() noexcept {
        if (threads_may_be_cancelled())
            held_ = pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_) == 0;
    }
    cancel_held_off(const cancel_held_off &) = delete;
    cancel_held_off &operator=(const cancel_held_off &) = delete;
    ~cancel_held_off() {
        if (held_)
            pthread_setcancelstate(before_, nullptr);
    }

private:
    bool held_ = false;
    int before_ = PTHREAD_CANCEL_ENABLE;
};

/// What was held off acts here: the thread unwinds. Only where that is permitted.
HOLDFAST_DETAIL_COLD inline void cancellation_point() {
    if (threads_may_be_cancelled())
        pthread_testcancel();
}

}  // namespace holdfast::detail
