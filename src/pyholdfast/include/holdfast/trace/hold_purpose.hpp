// holdfast/trace/hold_purpose.hpp: why a thread is attached, for the time in which it is not.
//
// Must not include <Python.h>. Every host that detaches includes this, traced or not.
#pragma once

#include <cstdint>

namespace holdfast::detail {

/// The purpose of a hold, restored when the thread attaches again after a detach. Numbers of names.
struct hold_purpose {
    std::uint16_t site;
    std::uint16_t function;
    std::uint16_t interpreter;
    bool known;
};

}  // namespace holdfast::detail
