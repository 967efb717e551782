// holdfast/interpreter.hpp: the short path of lifecycle/interpreter.hpp.
#pragma once

#include <holdfast/lifecycle/interpreter.hpp>
