// If no thread state can be allocated, attach reports no_memory (HF220), and a later attempt succeeds.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <new>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

namespace {

thread_local bool starved = false;
PyMemAllocatorEx real;

void *give(void *, std::size_t size) { return starved ? nullptr : real.malloc(real.ctx, size); }
void *give_zeroed(void *, std::size_t count, std::size_t size) {
    return starved ? nullptr : real.calloc(real.ctx, count, size);
}
void *give_more(void *, void *old, std::size_t size) {
    return starved ? nullptr : real.realloc(real.ctx, old, size);
}
void take(void *, void *old) { real.free(real.ctx, old); }

}  // namespace

int main() {
    PyMem_GetAllocator(PYMEM_DOMAIN_RAW, &real);
    PyMemAllocatorEx wrapper{nullptr, &give, &give_zeroed, &give_more, &take};
    PyMem_SetAllocator(PYMEM_DOMAIN_RAW, &wrapper);
    {
        holdfast::interpreter python;
        event recovered;
        event over;
        std::thread worker([&] {
            starved = true;
            CHECK(thrown_code<holdfast::closed_error>(
                      [&] { holdfast::attach_guard attached(python.view()); }) == "HF220");
            const holdfast::attach_guard refused(python.view(), std::nothrow);
            CHECK(refused.reason() == holdfast::closed_reason::no_memory);
            CHECK(!holdfast::attached());
            starved = false;
            {
                const holdfast::attach_guard attached(python.view());
                run_python("recovered = True");
            }
            recovered.set();
            over.wait();
        });
        recovered.wait();
        CHECK(python.finalize(
            std::chrono::seconds(5)));  // the attempts that failed have left nothing inside
        over.set();
        worker.join();
    }
    PyMem_SetAllocator(PYMEM_DOMAIN_RAW, &real);
}
