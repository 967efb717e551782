// c/library/refusals.hpp: the candidates of a search, and why each was refused.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "../codes.hpp"

namespace holdfast::c {

/// A Python or a backend that cannot be used, and why.
struct refusal {
    int code;
    std::string who;  // "'/usr/bin/python3' (PATH)"
    std::string why;
    std::string remedy;
};

/// Thrown and caught within the library.
struct search_error {
    int code;
    std::string problem, remedy;
};

/// "\n  - '/usr/bin/python3' (PATH): it has no shared libpython": one line per candidate.
/// \param depth  1 for a list of its own; one more for a list inside another.
inline std::string listed(const std::vector<refusal> &all, std::size_t depth = 1) {
    std::string text;
    for (const refusal &one : all)
        text += '\n' + std::string(2 * depth, ' ') + "- " + one.who + ": " + one.why;
    return text;
}

}  // namespace holdfast::c
