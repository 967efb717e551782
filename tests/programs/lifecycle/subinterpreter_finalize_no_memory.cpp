// Without memory for a thread that helps, finalize() still ends a sub-interpreter that nobody is inside.
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "check.hpp"

namespace {

/// While it is set, this thread has no memory.
thread_local bool has_no_memory = false;

}  // namespace

void *operator new(std::size_t size) {
    void *const found = has_no_memory ? nullptr : std::malloc(size);
    if (found == nullptr)
        throw std::bad_alloc();
    return found;
}
// Not inlined: GCC would take free() for the wrong end of what operator new returned
[[gnu::noinline]] void operator delete(void *old) noexcept { std::free(old); }
[[gnu::noinline]] void operator delete(void *old, std::size_t) noexcept { std::free(old); }

// Before what it returns, it leaves the address of the whole.
void *operator new(std::size_t size, std::align_val_t alignment) {
    const auto step = static_cast<std::size_t>(alignment);
    char *const whole = static_cast<char *>(operator new(size + 2 * step));
    char *const found = whole + 2 * step - reinterpret_cast<std::uintptr_t>(whole) % step;
    std::memcpy(found - sizeof whole, &whole, sizeof whole);
    return found;
}
[[gnu::noinline]] void operator delete(void *old, std::align_val_t) noexcept {
    char *whole = nullptr;
    std::memcpy(&whole, static_cast<char *>(old) - sizeof whole, sizeof whole);
    std::free(whole);
}
[[gnu::noinline]] void operator delete(void *old, std::size_t, std::align_val_t how) noexcept {
    operator delete(old, how);
}

int main() {
    holdfast::interpreter python;
    holdfast::subinterpreter sub(python);
    has_no_memory = true;
    const bool has_ended = bool(sub.finalize(std::chrono::seconds(10)));
    has_no_memory = false;
    CHECK(has_ended);
    CHECK(python.finalize(std::chrono::seconds(10)));
}
