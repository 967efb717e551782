// Python from the threads of oneTBB, which it starts and ends as it likes.
#include "scoring.hpp"

#include <atomic>
#include <cstdio>
#include <functional>

#include <tbb/blocked_range.h>
#include <tbb/parallel_for_each.h>
#include <tbb/parallel_reduce.h>

namespace {

/// Attaches once for a part of the range, within the task: oneTBB may give a waiting thread another
/// task.
std::int64_t score_range(const holdfast::interpreter_view &python,
                         const std::vector<std::string> &texts) {
    using range = tbb::blocked_range<std::size_t>;
    return tbb::parallel_reduce(
        range(0, texts.size(), 16), std::int64_t{0},
        [&](const range &part, std::int64_t sum) {
            const holdfast::attach_guard attached(python);
            for (std::size_t i = part.begin(); i != part.end(); ++i)
                sum += score(texts[i]);
            return sum;
        },
        std::plus<>());
}

}  // namespace

int main() {
    holdfast::interpreter python;
    define_score();
    const std::vector<std::string> texts = make_texts();

    std::atomic<std::int64_t> sum{0};
    tbb::parallel_for_each(texts, [&](const std::string &text) { sum += score(text); });
    std::printf("%lld\n", static_cast<long long>(sum.load()));
    std::printf("%lld\n", static_cast<long long>(score_range(python, texts)));

    const holdfast::finalize_report report = python.finalize(std::chrono::seconds(10));
    std::printf("%s", report.text().c_str());
    return report ? 0 : 1;
}
