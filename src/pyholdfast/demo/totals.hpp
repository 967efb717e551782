// totals.hpp: the demo's counts, one per thread and added up at the end. No Python here.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "files.hpp"
#include "progress.hpp"

namespace demo {

struct totals {
    std::uint64_t calls = 0;
    std::uint64_t files = 0;
    std::uint64_t lines = 0;
    std::uint64_t functions = 0;
    std::uint64_t classes = 0;
    std::uint64_t longest = 0;  // lines of the longest function
    std::string longest_name;
    std::string longest_file;
    std::vector<refusal> refused;
    std::vector<std::chrono::nanoseconds> waits;  // to attach, one per call

    void add(totals other) {
        calls += other.calls;
        files += other.files;
        lines += other.lines;
        functions += other.functions;
        classes += other.classes;
        if (other.longest > longest) {
            longest = other.longest;
            longest_name = std::move(other.longest_name);
            longest_file = std::move(other.longest_file);
        }
        refused.insert(refused.end(), other.refused.begin(), other.refused.end());
        waits.insert(waits.end(), other.waits.begin(), other.waits.end());
    }
};

/// The smallest wait that `share` of all waits do not exceed; `sorted` is not empty.
inline std::chrono::nanoseconds quantile(const std::vector<std::chrono::nanoseconds> &sorted,
                                         double share) {
    const double rank = std::ceil(share * static_cast<double>(sorted.size()));
    return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

/// E.g. "5.1 ms".
inline std::string in_words(std::chrono::nanoseconds time) {
    const double ns = static_cast<double>(time.count());
    char text[32];
    if (ns >= 1e9)
        std::snprintf(text, sizeof text, "%.2f s", ns / 1e9);
    else if (ns >= 1e6)
        std::snprintf(text, sizeof text, "%.1f ms", ns / 1e6);
    else
        std::snprintf(text, sizeof text, "%.1f us", ns / 1e3);
    return text;
}

inline void print_refused(std::vector<refusal> refused) {
    constexpr std::size_t named = 10;
    std::sort(refused.begin(), refused.end(),
              [](const refusal &a, const refusal &b) { return a.name < b.name; });
    std::printf("\nnot surveyed, %s:\n", grouped(refused.size()).c_str());
    for (std::size_t i = 0; i < refused.size() && i < named; ++i)
        std::printf("  %s: %s\n", refused[i].name.c_str(), refused[i].reason.c_str());
    if (refused.size() > named)
        std::printf("  and %s more\n", grouped(refused.size() - named).c_str());
}

inline void print_table(totals all, std::size_t threads, std::chrono::nanoseconds took) {
    const auto row = [](const char *label, const std::string &value) {
        std::printf("%-16s  %s\n", label, value.c_str());
    };
    const double seconds = std::chrono::duration<double>(took).count();
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(all.calls) / seconds);
    row("files", grouped(all.files));
    row("lines", grouped(all.lines));
    row("functions", grouped(all.functions));
    row("classes", grouped(all.classes));
    if (all.longest > 0)
        row("longest function", all.longest_name + ", " + grouped(all.longest) +
                                    (all.longest == 1 ? " line, in " : " lines, in ") +
                                    all.longest_file);
    row("calls", grouped(all.calls) + " from " + grouped(threads) + " threads in " +
                     in_words(took) + ": " + grouped(rate) + " per second");
    if (!all.waits.empty()) {
        std::sort(all.waits.begin(), all.waits.end());
        row("wait to attach", "p50 " + in_words(quantile(all.waits, 0.5)) + ", p99 " +
                                  in_words(quantile(all.waits, 0.99)) + ", longest " +
                                  in_words(all.waits.back()));
    }
    if (!all.refused.empty())
        print_refused(std::move(all.refused));
}

}  // namespace demo
