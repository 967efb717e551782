// holdfast/holdfast.hpp: the parts that most hosts use.
//
// Each header can also be included on its own, which compiles faster. All standard types have their
// conversions here: they cost a tenth of the compile time, and a user who misses one does not know
// which header has it.
//
// These are left out, because few hosts use them: async.hpp and the context managers, buffer.hpp
// (arrays without a copy), handle.hpp, record.hpp, enumeration.hpp, range.hpp, recursive.hpp and
// variadic.hpp (further types), convert/values.hpp (UUIDs, decimals), bound.hpp, output.hpp,
// counters.hpp and traverse.hpp. PyThreadStateLock.h is left out too, because its name is in the
// global namespace.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

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
