// holdfast/objects.hpp: Python objects and exceptions, held by C++.
#pragma once

#include <holdfast/objects/critical_section.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/per_interpreter.hpp>
#include <holdfast/objects/python_error.hpp>
