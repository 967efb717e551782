// holdfast/pool.hpp: short name for pools/pool.hpp.
#pragma once

#include <holdfast/pools/pool.hpp>
