// holdfast/buffer.hpp: the short path of convert/buffer.hpp.
#pragma once

#include <holdfast/convert/buffer.hpp>
