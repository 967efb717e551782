// From the second call on, a call of a function<> makes no C++ allocation of its own.
// flags: -Wno-mismatched-new-delete
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string_view>

#include "check.hpp"

namespace {

std::atomic<long> allocations{0};

}  // namespace

void *operator new(std::size_t size) {
    ++allocations;
    void *const memory = std::malloc(size);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }

int main() {
    holdfast::interpreter python;
    holdfast::exec("def f(text, number, *, flag=False, other=0): return number * 2.0\n");
    const holdfast::function<double(std::string_view, std::int64_t, holdfast::defaulted<bool>,
                                    holdfast::defaulted<int>)>
        f{"__main__", "f", {"flag", "other"}};
    CHECK(f("text", 4) == 8.0);  // looks it up
    const long before = allocations;
    for (int i = 0; i < 1000; ++i) {
        CHECK(f("text", i) == 2.0 * i);
        CHECK(f("text", i, true, 5) == 2.0 * i);
        const holdfast::attach_guard attached(python.view());
        CHECK(f("a longer text than any small string optimisation holds", i, true) == 2.0 * i);
    }
    CHECK(allocations == before);
}
