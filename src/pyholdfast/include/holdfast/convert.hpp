// holdfast/convert.hpp: converts values between C++ and Python.
#pragma once

#include <holdfast/convert/buffer.hpp>
#include <holdfast/convert/complex.hpp>
#include <holdfast/convert/containers.hpp>
#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/path.hpp>
#include <holdfast/convert/sets_and_arrays.hpp>
#include <holdfast/convert/time.hpp>
#include <holdfast/convert/uuid_decimal_bytes.hpp>
#include <holdfast/convert/variant.hpp>
