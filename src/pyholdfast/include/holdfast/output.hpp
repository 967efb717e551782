// holdfast/output.hpp: what Python prints and logs.
#pragma once

#include <holdfast/output/output.hpp>
