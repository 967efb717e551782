// holdfast/thread_state.hpp: the short path of attach/guards.hpp.
#pragma once

#include <holdfast/attach/guards.hpp>
