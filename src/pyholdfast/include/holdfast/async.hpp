// holdfast/async.hpp: coroutines, async iterators and async context managers.
#pragma once

#include <holdfast/async/context_manager.hpp>
#include <holdfast/async/coroutine.hpp>
