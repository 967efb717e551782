// holdfast/pickled.hpp: short name for calls/pickled.hpp.
#pragma once

#include <holdfast/calls/pickled.hpp>
