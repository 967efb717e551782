// holdfast/watch.hpp: what threads do with Python, as numbers.
#pragma once

#include <holdfast/watch/counters.hpp>
