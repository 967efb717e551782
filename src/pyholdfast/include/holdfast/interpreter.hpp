// holdfast/interpreter.hpp: short name for lifecycle/interpreter.hpp.
#pragma once

#include <holdfast/lifecycle/interpreter.hpp>
