// holdfast/thread_state.hpp: the short path of attach/thread_state.hpp.
#pragma once

#include <holdfast/attach/thread_state.hpp>
