// holdfast/isolated.hpp: calls in worker processes, with limits that hold.
#pragma once

#if !defined(__linux__) && !defined(_WIN32)
#error "HF188 isolated_executor needs Linux or Windows; do: use a remote_executor on this system"
#endif

#include <holdfast/isolated/isolated_executor.hpp>
