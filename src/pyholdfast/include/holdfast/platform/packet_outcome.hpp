// holdfast/platform/packet_outcome.hpp: what became of a packet to or from another process.
#pragma once

namespace holdfast::detail {

enum class packet_outcome : unsigned char {
    done,
    later,   // there is no room, or no packet
    broken,  // the other end is closed
};

}  // namespace holdfast::detail
