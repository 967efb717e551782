// holdfast/lifecycle/obstacle_rows.hpp: what prevents the end of children, as rows of a report.
#pragma once

#include <string>
#include <utility>

#include <holdfast/gate/children.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/report.hpp>

namespace holdfast::detail {

/// Adds a row to the report that `found` is for, or its text if there is none.
HOLDFAST_DETAIL_COLD inline void add_row(obstacles &found, attached_thread row) {
    if (found.report != nullptr) {
        found.report->still_inside.push_back(std::move(row));
        ++found.count;
        return;
    }
    finalize_report alone;
    alone.still_inside.push_back(std::move(row));
    std::string text = alone.text();
    text.pop_back();  // the end of its line
    found.add(found, std::move(text));
}

/// For finalize(), which reports.
struct obstacles_of : obstacles {
    explicit obstacles_of(finalize_report &rows) : obstacles{&add_as_row, &rows} {}

    static void add_as_row(obstacles &self, std::string what) {
        add_row(self, in_the_way(std::move(what)));
    }
};

}  // namespace holdfast::detail
