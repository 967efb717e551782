// holdfast/range.hpp: the short path of calls/range.hpp.
#pragma once

#include <holdfast/calls/range.hpp>
