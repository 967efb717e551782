// holdfast/version.hpp: the version of these headers, which the Python package reads too.
//
// This file includes nothing.
#pragma once

#define HOLDFAST_VERSION_MAJOR 0
#define HOLDFAST_VERSION_MINOR 1
#define HOLDFAST_VERSION_PATCH 0

/// 0x00MMmmpp, for comparisons in `#if`.
#define HOLDFAST_VERSION_HEX \
    ((HOLDFAST_VERSION_MAJOR << 16) | (HOLDFAST_VERSION_MINOR << 8) | HOLDFAST_VERSION_PATCH)
