// holdfast/platform/thread_name.ipp: the bodies of thread_name.hpp.
#pragma once

#include <holdfast/platform/thread_name.hpp>

#include <cstdio>
#include <new>
#include <string>

#if defined(_WIN32)
#include <holdfast/platform/windows.hpp>
#else
#include <pthread.h>
#if defined(__APPLE__)
#include <libproc.h>
#include <sys/proc_info.h>
#include <unistd.h>
#endif
#endif

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/rethrow.hpp>
#include <holdfast/platform/visible_text.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY void set_thread_name(const char *name) noexcept {
#if defined(_WIN32)
    if (set_thread_description == nullptr)
        return;
    try {
        set_thread_description(GetCurrentThread(), wide_of(name).c_str());
    } catch (const std::bad_alloc &) {
        // it keeps its name
    }
#elif defined(__APPLE__)
    pthread_setname_np(name);
#else
    pthread_setname_np(pthread_self(), name);
#endif
}

#if defined(_WIN32)
/// \throws std::bad_alloc
HOLDFAST_DETAIL_COLD inline std::string name_of_thread(void *thread) {
    wchar_t *name = nullptr;
    if (get_thread_description == nullptr || local_free == nullptr ||
        get_thread_description(thread, &name) < 0)
        return {};
    std::string text;
    try {
        text = utf8_of(name);
    } catch (const std::bad_alloc &) {
        local_free(name);
        rethrow();
    }
    local_free(name);
    return text;
}
#endif

HOLDFAST_DETAIL_COLD_BODY bool copy_own_name(char *to, std::size_t size) noexcept {
#if defined(_WIN32)
    try {
        std::snprintf(to, size, "%s", name_of_thread(GetCurrentThread()).c_str());
        return true;
    } catch (const std::bad_alloc &) {
        return false;
    }
#else
    char name[64] = "";
    if (pthread_getname_np(pthread_self(), name, sizeof name) != 0)
        return false;
    std::snprintf(to, size, "%s", name);
    return true;
#endif
}

HOLDFAST_DETAIL_COLD_BODY thread_name_text thread_name(std::uint64_t native_id) noexcept {
    thread_name_text name;
    const cancellation_held_off until_read;
    try {
        std::string given;
#if defined(__linux__)
        char path[64];
        std::snprintf(path, sizeof path, "/proc/self/task/%llu/comm",
                      static_cast<unsigned long long>(native_id));
        std::FILE *const file = std::fopen(path, "re");
        if (file == nullptr)
            return name;
        char bytes[32] = "";
        // The name itself may contain a line feed.
        const std::size_t size = std::fread(bytes, 1, sizeof bytes - 1, file);
        std::fclose(file);
        given.assign(bytes, size > 0 && bytes[size - 1] == '\n' ? size - 1 : size);
#elif defined(__APPLE__)
        proc_threadinfo known{};
        if (proc_pidinfo(getpid(), PROC_PIDTHREADID64INFO, native_id, &known, sizeof known) > 0)
            given = known.pth_name;
#elif defined(_WIN32)
        constexpr unsigned long may_ask = 0x0800U;
        void *const thread = OpenThread(may_ask, 0, static_cast<unsigned long>(native_id));
        if (thread == nullptr)
            return name;
        given = name_of_thread(thread);
        CloseHandle(thread);
#else
        (void)native_id;
#endif
        std::snprintf(name.text, sizeof name.text, "%s", visible_text(given).c_str());
    } catch (const std::bad_alloc &) {
        name.text[0] = '\0';
    }
    return name;
}

}  // namespace holdfast::detail
