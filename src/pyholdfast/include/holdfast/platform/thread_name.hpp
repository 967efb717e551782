// holdfast/platform/thread_name.hpp: the system's name for a thread of this process.
#pragma once

#include <cstdint>
#include <cstdio>
#include <new>
#include <string>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/visible_text.hpp>

namespace holdfast::detail {

/// A thread's name. The system keeps 15 bytes; escaped, each may become four.
struct thread_name_text {
    char text[80] = "";
};

/// The name that pthread_setname_np() gave or the thread inherited, escaped; empty if the system
/// does not tell.
HOLDFAST_DETAIL_COLD inline thread_name_text thread_name(std::uint64_t native_id) noexcept {
    thread_name_text name;
#if defined(__linux__)
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/task/%llu/comm",
                  static_cast<unsigned long long>(native_id));
    std::FILE *const file = std::fopen(path, "re");
    if (file == nullptr)
        return name;
    char given[32] = "";
    // The name itself may contain a line feed.
    const std::size_t size = std::fread(given, 1, sizeof given - 1, file);
    std::fclose(file);
    try {
        const std::string shown =
            visible_text({given, size > 0 && given[size - 1] == '\n' ? size - 1 : size});
        std::snprintf(name.text, sizeof name.text, "%s", shown.c_str());
    } catch (const std::bad_alloc &) {
        name.text[0] = '\0';
    }
#else
    (void)native_id;
#endif
    return name;
}

}  // namespace holdfast::detail
