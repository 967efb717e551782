// holdfast/callable.hpp: the short path of calls/callable.hpp.
#pragma once

#include <holdfast/calls/callable.hpp>
