// holdfast/pools.hpp: native threads, sub-interpreters and remote workers that run Python tasks.
#pragma once

#include <holdfast/pool_error.hpp>
#include <holdfast/pools/cancellation.hpp>
#include <holdfast/pools/executor.hpp>
#include <holdfast/pools/pool.hpp>
#include <holdfast/pools/pool_config.hpp>
#include <holdfast/pools/remote_error.hpp>
#include <holdfast/pools/remote_executor.hpp>
#include <holdfast/pools/subinterpreter_pool.hpp>
