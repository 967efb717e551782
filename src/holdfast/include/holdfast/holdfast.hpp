// holdfast/holdfast.hpp: all of holdfast. Each header may also be included by itself.
//
// Layer 90. PyThreadStateLock.h is not among them: its name is in the global namespace.
#pragma once

#include "python.hpp"  // first: CPython asks for it

#include "call.hpp"
#include "callable.hpp"
#include "config.hpp"
#include "context.hpp"
#include "convert.hpp"
#include "convert_stl.hpp"
#include "deadline.hpp"
#include "error.hpp"
#include "executor.hpp"
#include "interpreter.hpp"
#include "lock.hpp"
#include "object.hpp"
#include "python_error.hpp"
#include "remote_executor.hpp"
#include "report.hpp"
#include "run.hpp"
#include "subinterpreter.hpp"
#include "subinterpreter_pool.hpp"
#include "thread_state.hpp"
#include "version.hpp"
#include "view.hpp"
