// holdfast/attach/fork_hooks.hpp: what is done before and after a fork that Python knows of.
//
// Only the forking thread exists in the child. What the runtime's own locks need is done by the
// handlers of process.ipp, at any fork(); here is what needs Python: the gate opens again, and the
// locks of `threading` are made anew.
//
// CPython makes those anew too late. From 3.13 on it deletes the lost threads' states first, and a
// state whose thread `threading` has seen takes _active_limbo_lock as it goes; up to 3.12,
// _after_fork() of `threading` itself takes _shutdown_locks_lock first, where it does not know the
// forking thread. If a lost thread had the lock, the child hangs within os.fork(). A hook of
// Python's would come after that. A handler of pthread_atfork() comes before.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// Registers the hooks with the interpreter that the calling thread is attached to.
///
/// \return false with an exception set.
bool install_fork_hooks() noexcept;

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/fork_hooks.ipp>
#endif
