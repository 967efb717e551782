// holdfast/report.ipp: the bodies of report.hpp.
#pragma once

#include <holdfast/report.hpp>

#include <string>
#include <utility>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/time_text.hpp>

namespace holdfast {

HOLDFAST_DETAIL_BODY std::string finalize_report::text() const {
    std::string lines = !problem.empty() ? problem + '\n' : finalized ? "finalized\n" : "";
    for (const attached_thread &thread : finalized ? left_behind : still_inside)
        add(lines, thread);
    return lines;
}

HOLDFAST_DETAIL_BODY void finalize_report::add(std::string &lines, const attached_thread &thread) {
    const bool is_known = thread.native_id != 0 || !thread.name.empty();
    if (is_known)
        lines += thread.native_id != 0 ? "thread " + std::to_string(thread.native_id)
                                       : std::string("a thread");
    lines += thread.name.empty() ? "" : " '" + thread.name + "'";
    lines += is_known && !thread.where.empty() ? ": " + thread.where : thread.where;
    if (thread.inside_for)
        lines += ", for " + detail::time_text(static_cast<double>(thread.inside_for->count()));
    lines += thread.interrupted ? " (interrupted, and still there)\n" : "\n";
    if (!thread.python_stack.empty())
        lines += thread.python_stack + (thread.python_stack.back() == '\n' ? "" : "\n");
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
