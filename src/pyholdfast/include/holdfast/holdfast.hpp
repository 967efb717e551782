// holdfast/holdfast.hpp: what most hosts use. Each header may also be included by itself, which compiles faster.
//
// With the conversions of all standard types: they cost a tenth of its compile time, and who lacks
// one does not know the header's name. Not here, as few use them: async.hpp and the context
// managers, buffer.hpp (arrays without a copy), handle.hpp, record.hpp, enumeration.hpp, range.hpp,
// recursive.hpp and variadic.hpp (further types), convert/values.hpp (UUIDs, decimals), bound.hpp,
// output.hpp, counters.hpp, traverse.hpp; nor PyThreadStateLock.h, whose name is in the global
// namespace.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <holdfast/attach/context.hpp>
#include <holdfast/attach/lock.hpp>
#include <holdfast/attach/shared_mutex.hpp>
#include <holdfast/attach/thread_state.hpp>
#include <holdfast/attach/view.hpp>
#include <holdfast/calls/call.hpp>
#include <holdfast/calls/callable.hpp>
#include <holdfast/calls/deadline.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/convert/complex.hpp>
#include <holdfast/convert/containers.hpp>
#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/path.hpp>
#include <holdfast/convert/stl.hpp>
#include <holdfast/convert/time.hpp>
#include <holdfast/convert/variant.hpp>
#include <holdfast/error.hpp>
#include <holdfast/lifecycle/config.hpp>
#include <holdfast/lifecycle/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>
#include <holdfast/objects/critical_section.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/per_interpreter.hpp>
#include <holdfast/objects/python_error.hpp>
#include <holdfast/pools/executor.hpp>
#include <holdfast/pools/remote_executor.hpp>
#include <holdfast/pools/subinterpreter_pool.hpp>
#include <holdfast/report.hpp>
#include <holdfast/version.hpp>
