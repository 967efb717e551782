// Python from the threads of OpenMP, which live as long as the process.
#include "scoring.hpp"

#include <cstdio>

#include <omp.h>

int main() {
    holdfast::interpreter python;
    define_score();
    const std::vector<std::string> texts = make_texts();
    const auto count = static_cast<long>(texts.size());

    // A call attaches its thread.
    std::int64_t sum = 0;
#pragma omp parallel for reduction(+ : sum) schedule(dynamic, 16)
    for (long i = 0; i < count; ++i)
        sum += score(texts[static_cast<std::size_t>(i)]);
    std::printf("%lld\n", static_cast<long long>(sum));

    // Many small calls: attach once for all calls of a thread.
    std::int64_t again = 0;
#pragma omp parallel reduction(+ : again)
    {
        const holdfast::attach_guard attached(python);
        // No barrier at the end of the loop: an attached thread must not wait for threads that must
        // attach.
#pragma omp for schedule(static) nowait
        for (long i = 0; i < count; ++i)
            again += score(texts[static_cast<std::size_t>(i)]);
    }
    std::printf("%lld\n", static_cast<long long>(again));

    // The threads of OpenMP wait for the next region, detached, and block no other thread.
    const holdfast::finalize_report report = python.finalize(std::chrono::seconds(10));
    std::printf("%s", report.text().c_str());
    return report ? 0 : 1;
}
