// holdfast/pool.hpp: the short path of pools/pool.hpp.
#pragma once

#include <holdfast/pools/pool.hpp>
