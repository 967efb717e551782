// holdfast/thread_state.hpp: the guards of attach/guards.hpp, and what they throw.
//
// A host that names none of the exceptions compiles faster with <holdfast/attach/guards.hpp>, which
// does not include <string>.
#pragma once

#include <holdfast/attach/guards.hpp>
#include <holdfast/error.hpp>
