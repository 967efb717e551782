// holdfast/pickled.hpp: the short path of calls/pickled.hpp.
#pragma once

#include <holdfast/calls/pickled.hpp>
