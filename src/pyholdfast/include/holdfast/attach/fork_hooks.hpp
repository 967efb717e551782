// holdfast/attach/fork_hooks.hpp: what happens before and after a fork that Python knows about.
//
// In the child only the forking thread exists. The handlers in shared_records.ipp take care of the
// runtime's own locks, at any fork(). This file does what needs Python: it opens the gate again,
// and renews the locks of `threading`.
//
// CPython renews those locks too late. From 3.13 on it first deletes the lost threads' states, and
// a state whose thread `threading` has seen takes _active_limbo_lock while it is deleted. Up to
// 3.12, _after_fork() of `threading` itself first takes _shutdown_locks_lock if it does not know
// the forking thread. If a lost thread held the lock, the child hangs in os.fork(). A Python hook
// would come after that; a handler of pthread_atfork() comes before.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/process.hpp>

namespace holdfast::detail {

#if HOLDFAST_DETAIL_HAS_FORK
/// Registers the hooks with the interpreter that the calling thread is attached to.
///
/// \return false with an exception set.
bool install_fork_hooks() noexcept;
#endif

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/fork_hooks.ipp>
#endif
