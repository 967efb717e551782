// holdfast/subinterpreter_pool.hpp: the short path of pools/subinterpreter_pool.hpp.
#pragma once

#include <holdfast/pools/subinterpreter_pool.hpp>
