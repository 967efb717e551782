// holdfast/buffer.hpp: short name for convert/buffer.hpp.
#pragma once

#include <holdfast/convert/buffer.hpp>
