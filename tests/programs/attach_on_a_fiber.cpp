// A call from a fiber that has a stack of its own works as one from the thread's stack.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <vector>

#include <ucontext.h>

#include "check.hpp"

namespace {

ucontext_t host;
ucontext_t fiber;
int result = 0;

void on_the_fiber() {
    const holdfast::attach_guard attached;
    holdfast::exec("def deep(n): return n and 1 + deep(n - 1)");
    result = holdfast::eval<int>("deep(200)");
}

}  // namespace

int main() {
    holdfast::interpreter python;
    std::vector<char> stack(1 << 20);
    CHECK(getcontext(&fiber) == 0);
    fiber.uc_stack.ss_sp = stack.data();
    fiber.uc_stack.ss_size = stack.size();
    fiber.uc_link = &host;
    makecontext(&fiber, &on_the_fiber, 0);
    CHECK(swapcontext(&host, &fiber) == 0);
    CHECK(result == 200);
    CHECK(python.finalize(std::chrono::seconds(10)));
}
