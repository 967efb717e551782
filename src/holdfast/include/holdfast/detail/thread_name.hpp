// holdfast/detail/thread_name.hpp: what the system calls a thread of this process.
//
// Layer 08.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "attributes.hpp"

namespace holdfast::detail {

/// A thread's name as text of its own.
struct thread_name_text {
    char text[32] = "";
};

/// The name given by pthread_setname_np() or inherited; empty where the system does not tell.
HOLDFAST_DETAIL_COLD inline thread_name_text thread_name(std::uint64_t native_id) noexcept {
    thread_name_text name;
#if defined(__linux__)
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/task/%llu/comm",
                  static_cast<unsigned long long>(native_id));
    std::FILE *const file = std::fopen(path, "re");
    if (file == nullptr)
        return name;
    if (std::fgets(name.text, sizeof name.text, file) == nullptr)
        name.text[0] = '\0';
    name.text[std::strcspn(name.text, "\n")] = '\0';
    std::fclose(file);
#else
    (void)native_id;
#endif
    return name;
}

}  // namespace holdfast::detail
