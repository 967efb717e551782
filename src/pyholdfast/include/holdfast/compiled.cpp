// holdfast/compiled.cpp: every function that is not inline, for builds with HOLDFAST_COMPILED.
//
// Compile this file once, with the same options as the rest of the program, and link it. The other
// files then compile in a fraction of the time. Builds without HOLDFAST_COMPILED do not need it.
// See docs/how-to/compile-faster.md. With HOLDFAST_COMPILED_HALF, 1 or 2, it is half of that: two
// compilers can work side by side.
#if !defined(HOLDFAST_COMPILED)
#error "compiled.cpp is for builds that define HOLDFAST_COMPILED, in every file"
#endif

#include <holdfast/python.hpp>  // first: CPython requires it

#if !defined(HOLDFAST_COMPILED_HALF)
#define HOLDFAST_COMPILED_HALF 0  // all
#endif

#if HOLDFAST_COMPILED_HALF != 2
#include <holdfast/attach/attach_guard.common.ipp>
#include <holdfast/attach/attach_guard.ipp>
#include <holdfast/attach/cached_state.ipp>
#include <holdfast/attach/deferred.ipp>
#include <holdfast/attach/delete_state.ipp>
#include <holdfast/attach/fork_hooks.ipp>
#include <holdfast/attach/gilstate_slot.ipp>
#include <holdfast/attach/guards.ipp>
#include <holdfast/attach/new_state.ipp>
#include <holdfast/attach/register_interpreter.exits.ipp>
#include <holdfast/attach/register_interpreter.ipp>
#include <holdfast/attach/state_of_this_thread.ipp>
#include <holdfast/attach/view.ipp>
#include <holdfast/attach/waits.ipp>
#include <holdfast/calls/assigned_fields.ipp>
#include <holdfast/calls/binding_check.ipp>
#include <holdfast/calls/deadline.ipp>
#include <holdfast/calls/deadline_timer.ipp>
#include <holdfast/calls/function.ipp>
#include <holdfast/calls/function_holder.ipp>
#include <holdfast/calls/pickled.ipp>
#include <holdfast/calls/run.ipp>
#include <holdfast/convert/convert.ipp>
#include <holdfast/convert/path.ipp>
#include <holdfast/convert/resolve.ipp>
#include <holdfast/convert/time.ipp>
#include <holdfast/convert/value_path.ipp>
#include <holdfast/error.ipp>
#include <holdfast/interrupts/frames.ipp>
#include <holdfast/lifecycle/attach_helper.ipp>
#include <holdfast/lifecycle/interpreter.ipp>
#include <holdfast/lifecycle/subinterpreter_lifetime.busy.ipp>
#include <holdfast/lifecycle/subinterpreter_lifetime.ipp>
#include <holdfast/objects/exception_boundary.ipp>
#include <holdfast/objects/exception_text.ipp>
#include <holdfast/objects/object.ipp>
#include <holdfast/objects/per_interpreter.ipp>
#include <holdfast/objects/python_error.ipp>
#include <holdfast/objects/unread_failure.ipp>
#include <holdfast/platform/library.ipp>
#include <holdfast/platform/thread_cancel.ipp>
#include <holdfast/platform/thread_name.ipp>
#include <holdfast/pool_error.ipp>
#include <holdfast/pools/cancellation.ipp>
#include <holdfast/pools/engine_client.ipp>
#include <holdfast/pools/engine_task.ipp>
#include <holdfast/pools/executor.ipp>
#include <holdfast/pools/remote_error.ipp>
#include <holdfast/pools/remote_executor.ipp>
#include <holdfast/pools/subinterpreter_pool.ipp>
#include <holdfast/pools/worker_group.ipp>
#include <holdfast/process/shared_records.ipp>
#include <holdfast/process/trace_hooks.ipp>
#include <holdfast/report.ipp>
#include <holdfast/watch/watchdog.ipp>
#include <holdfast/watch/watchdog.locks.ipp>
#include <holdfast/watch/watchdog.waits.ipp>
#endif

#if HOLDFAST_COMPILED_HALF != 1 && (defined(__linux__) || defined(_WIN32))
#include <holdfast/isolated/isolated_executor.ipp>
#include <holdfast/isolated/isolated_group.answers.ipp>
#include <holdfast/isolated/isolated_group.counts.ipp>
#include <holdfast/isolated/isolated_group.ends.ipp>
#include <holdfast/isolated/isolated_group.ipp>
#include <holdfast/isolated/isolated_group.limits.ipp>
#include <holdfast/isolated/isolated_group.says.ipp>
#include <holdfast/isolated/isolated_group.sends.ipp>
#include <holdfast/isolated/isolated_group.watch.ipp>
#include <holdfast/isolated/isolated_task.ipp>
#include <holdfast/isolated/message.ipp>
#include <holdfast/isolated/message_ring.ipp>
#include <holdfast/isolated/pickle_writer.ipp>
#include <holdfast/isolated/plain_array.ipp>
#include <holdfast/isolated/plain_classes.ipp>
#include <holdfast/isolated/plain_converter.ipp>
#include <holdfast/isolated/plain_records.ipp>
#include <holdfast/isolated/plain_value.ipp>
#include <holdfast/isolated/result_memory.ipp>
#include <holdfast/isolated/segment.ipp>
#include <holdfast/isolated/worker_error.ipp>
#include <holdfast/isolated/worker_output.ipp>
#include <holdfast/isolated/worker_process.ipp>
#if defined(_WIN32)
#include <holdfast/platform/child_process_windows.ipp>
#else
#include <holdfast/platform/child_process.ipp>
#endif
#endif
