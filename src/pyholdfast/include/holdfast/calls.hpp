// holdfast/calls.hpp: typed calls from C++ to Python and from Python to C++.
#pragma once

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/callable.hpp>
#include <holdfast/calls/context_manager.hpp>
#include <holdfast/calls/deadline.hpp>
#include <holdfast/calls/enumeration.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/handle.hpp>
#include <holdfast/calls/pickled.hpp>
#include <holdfast/calls/range.hpp>
#include <holdfast/calls/record.hpp>
#include <holdfast/calls/recursive.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/calls/std_function.hpp>
#include <holdfast/calls/variadic.hpp>
