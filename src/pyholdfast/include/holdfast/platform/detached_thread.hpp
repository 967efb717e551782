// holdfast/platform/detached_thread.hpp: starts threads that nobody joins.
#pragma once

#include <thread>
#include <utility>

#if defined(_WIN32)
#include <cerrno>
#include <cstdint>
#include <memory>
#include <system_error>
#include <type_traits>

#include <process.h>

#include <holdfast/platform/windows.hpp>
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

#if defined(_WIN32)
template <class Work>
unsigned __stdcall run_detached(void *given) noexcept {
    const std::unique_ptr<Work> work(static_cast<Work *>(given));
    (*work)();
    return 0;
}
#endif

/// Not by detach() on Windows. If the thread has nearly ended by then, the threads of mingw-w64
/// (winpthreads) reuse its record too early: the next thread, which gets that record, ends before
/// it has begun its work, and nobody is told.
/// \throws std::system_error  the system has no more threads.
template <class Work>
HOLDFAST_DETAIL_RARE void start_detached(Work &&work) {
#if defined(_WIN32)
    using body = std::decay_t<Work>;
    auto its = std::make_unique<body>(std::forward<Work>(work));
    const std::uintptr_t thread =
        _beginthreadex(nullptr, 0, &run_detached<body>, its.get(), 0, nullptr);
    if (thread == 0)
        throw std::system_error(errno, std::generic_category());
    (void)its.release();  // the thread's
    CloseHandle(reinterpret_cast<void *>(thread));
#else
    std::thread(std::forward<Work>(work)).detach();
#endif
}

}  // namespace holdfast::detail
