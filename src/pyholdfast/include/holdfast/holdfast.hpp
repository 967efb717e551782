// holdfast/holdfast.hpp: what most hosts use. Each header may also be included by itself, which compiles faster.
//
// Layer 90. With the conversions of all standard types: they cost a tenth of its compile time, and who lacks one does
// not know the header's name. Not here, as few use them: async.hpp and the context managers, buffer.hpp (arrays
// without a copy), handle.hpp, record.hpp, enumeration.hpp, range.hpp, recursive.hpp and variadic.hpp (further types),
// convert_values.hpp (UUIDs, decimals), bound.hpp, output.hpp, counters.hpp, traverse.hpp; nor PyThreadStateLock.h,
// whose name is in the global namespace.
#pragma once

#include "python.hpp"  // first: CPython asks for it

#include "call.hpp"
#include "callable.hpp"
#include "config.hpp"
#include "context.hpp"
#include "convert.hpp"
#include "convert_complex.hpp"
#include "convert_containers.hpp"
#include "convert_function.hpp"
#include "convert_path.hpp"
#include "convert_stl.hpp"
#include "convert_time.hpp"
#include "convert_variant.hpp"
#include "critical_section.hpp"
#include "deadline.hpp"
#include "error.hpp"
#include "executor.hpp"
#include "interpreter.hpp"
#include "lock.hpp"
#include "object.hpp"
#include "per_interpreter.hpp"
#include "python_error.hpp"
#include "remote_executor.hpp"
#include "report.hpp"
#include "run.hpp"
#include "shared_mutex.hpp"
#include "subinterpreter.hpp"
#include "subinterpreter_pool.hpp"
#include "thread_state.hpp"
#include "version.hpp"
#include "view.hpp"
