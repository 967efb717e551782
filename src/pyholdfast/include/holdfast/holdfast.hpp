// holdfast/holdfast.hpp: the parts that most hosts use.
//
// Each header can also be included on its own, which compiles faster. All standard types have their
// conversions here: they cost a tenth of the compile time, and a user who misses one does not know
// which header has it.
//
// These are left out, because few hosts use them: async.hpp, output.hpp and watch.hpp, and of the
// other rooms arrays without a copy, classes, records, enumerations, ranges and variadic functions
// (calls.hpp), UUIDs and decimals (convert.hpp), and tp_traverse (attach.hpp). PyThreadStateLock.h is
// left out too, because its name is in the global namespace.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <holdfast/attach/context.hpp>
#include <holdfast/attach/guards.hpp>
#include <holdfast/attach/make_guard.hpp>
#include <holdfast/attach/shared_mutex.hpp>
#include <holdfast/attach/view.hpp>
#include <holdfast/attach/waits.hpp>
#include <holdfast/calls/callable.hpp>
#include <holdfast/calls/deadline.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/calls/std_function.hpp>
#include <holdfast/convert/complex.hpp>
#include <holdfast/convert/containers.hpp>
#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/path.hpp>
#include <holdfast/convert/sets_and_arrays.hpp>
#include <holdfast/convert/time.hpp>
#include <holdfast/convert/variant.hpp>
#include <holdfast/error.hpp>
#if defined(__linux__) || defined(_WIN32)
#include <holdfast/isolated/isolated_executor.hpp>
#endif
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
