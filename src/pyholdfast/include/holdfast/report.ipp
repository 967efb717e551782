// holdfast/report.ipp: the bodies of report.hpp.
#pragma once

#include <holdfast/report.hpp>

#include <string>
#include <utility>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/formatted.hpp>
#include <holdfast/platform/time_text.hpp>

namespace holdfast {

HOLDFAST_DETAIL_BODY std::string finalize_report::text() const {
    std::string lines = problem.empty() && finalized ? "finalized" : problem;
    if (!lines.empty())
        lines += '\n';
    for (const attached_thread &thread : finalized ? left_behind : still_inside)
        add(lines, thread);
    return lines;
}

HOLDFAST_DETAIL_BODY void finalize_report::add(std::string &lines, const attached_thread &thread) {
    const bool is_known = thread.native_id != 0 || !thread.name.empty();
    if (thread.native_id != 0)
        detail::append(lines, "thread %llu", static_cast<unsigned long long>(thread.native_id));
    else if (is_known)
        lines += "a thread";
    if (!thread.name.empty())
        detail::append(lines, " '%s'", thread.name.c_str());
    detail::append(lines, "%s%s", is_known && !thread.where.empty() ? ": " : "",
                   thread.where.c_str());
    if (thread.inside_for)
        detail::append(lines, ", for %s",
                       detail::time_text(static_cast<double>(thread.inside_for->count())).c_str());
    lines += thread.interrupted ? " (interrupted, and still there)\n" : "\n";
    lines += thread.python_stack;
    if (lines.back() != '\n')
        lines += '\n';
}

namespace detail {

HOLDFAST_DETAIL_BODY attached_thread in_the_way(std::string where) {
    attached_thread row;
    row.since = std::chrono::steady_clock::now();
    row.where = std::move(where);
    return row;
}

HOLDFAST_DETAIL_BODY void set_inside_since(attached_thread &row,
                                           std::chrono::steady_clock::time_point since) {
    using std::chrono::milliseconds;
    row.since = since;
    row.inside_for =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - since);
}

}  // namespace detail

}  // namespace holdfast
