// holdfast/callable.hpp: short name for calls/callable.hpp.
#pragma once

#include <holdfast/calls/callable.hpp>
