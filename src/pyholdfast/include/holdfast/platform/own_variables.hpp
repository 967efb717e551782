// holdfast/platform/own_variables.hpp: where a library keeps the calling thread's thread_local variables.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <link.h>
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// The calling thread's thread-local variables of a library; none if the system does not say.
struct own_variables {
    char *begin = nullptr;
    std::size_t size = 0;
};

#if defined(__linux__)
struct variables_search {
    std::uintptr_t address;
    own_variables found;
};

HOLDFAST_DETAIL_RARE inline int look_for_variables(dl_phdr_info *library, std::size_t known,
                                                   void *result) {
    auto &search = *static_cast<variables_search *>(result);
    bool holds = false;
    std::size_t size = 0;
    for (int i = 0; i < library->dlpi_phnum; ++i) {
        const auto &part = library->dlpi_phdr[i];
        const std::uintptr_t begin = library->dlpi_addr + part.p_vaddr;
        holds = holds || (part.p_type == PT_LOAD && begin <= search.address &&
                          search.address < begin + part.p_memsz);
        if (part.p_type == PT_TLS)
            size = part.p_memsz;
    }
    constexpr std::size_t needed = offsetof(dl_phdr_info, dlpi_tls_data) + sizeof(void *);
    if (!holds)
        return 0;
    if (size != 0 && known >= needed)
        search.found = {static_cast<char *>(library->dlpi_tls_data), size};
    return 1;
}
#endif

/// Those of the library that contains `address`.
HOLDFAST_DETAIL_RARE inline own_variables variables_around(const void *address) noexcept {
#if defined(__linux__)
    variables_search search{reinterpret_cast<std::uintptr_t>(address), {}};
    dl_iterate_phdr(&look_for_variables, &search);
    return search.found;
#else
    (void)address;
    return {};
#endif
}

}  // namespace holdfast::detail
