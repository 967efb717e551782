// holdfast/calls/function.ipp: the bodies of function.hpp.
#pragma once

#include <holdfast/calls/function.hpp>

#include <holdfast/error.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY void refuse_gap(const std::string &called, std::size_t left_out,
                                          std::size_t given) {
    throw usage_error("HF406",
                      called + ": argument " + std::to_string(left_out) +
                          " was left out, but argument " + std::to_string(given) +
                          ", which is passed by position, was given",
                      "pass it by name: list its name when the function is constructed");
}

HOLDFAST_DETAIL_COLD_BODY void refuse_empty(const char *what) {
    throw usage_error("HF408", std::string(what) + " of an empty object",
                      "test the object, or make sure that it was given a value");
}

}  // namespace holdfast::detail
