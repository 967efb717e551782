// holdfast/platform/thread_name.hpp: the system's names for threads of this process.
#pragma once

#include <cstddef>
#include <cstdint>

namespace holdfast::detail {

/// Names the calling thread. The system cuts a name that is too long, or refuses it.
void set_thread_name(const char *name) noexcept;

/// Copies the calling thread's name, as the system keeps it. False: the system does not tell.
bool copy_own_name(char *to, std::size_t size) noexcept;

/// A thread's name. Linux keeps 15 bytes; escaped, each may become four.
struct thread_name_text {
    char text[80] = "";
};

/// The name that a thread was given or inherited, escaped; empty if the system does not tell.
thread_name_text thread_name(std::uint64_t native_id) noexcept;

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/platform/thread_name.ipp>
#endif
