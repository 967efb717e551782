// holdfast/lifecycle.hpp: starting and finalizing Python and its sub-interpreters.
#pragma once

#include <holdfast/lifecycle/config.hpp>
#include <holdfast/lifecycle/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>
#include <holdfast/lifecycle/subinterpreter_config.hpp>
#include <holdfast/report.hpp>
