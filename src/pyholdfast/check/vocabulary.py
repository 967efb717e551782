"""The names outside CPython that the check knows: guards, threads, blocking calls.

Users can add names (see `settings`).
"""

from __future__ import annotations

from collections.abc import Sequence

from pyholdfast.check.clang_tidy_queries import Vocabulary

__all__ = ["NEVER_RETURNS", "vocabulary"]

CHANGING = (
    "PyGILState_Ensure", "PyGILState_Release", "PyThreadState_Release", "PyEval_SaveThread",
    "PyEval_RestoreThread",
)  # fmt: skip
STATE_CALLS = (
    "PyGILState_Ensure", "PyGILState_Release", "PyThreadState_Ensure",
    "PyThreadState_EnsureFromView", "PyThreadState_Release", "PyEval_SaveThread",
    "PyEval_RestoreThread", "PyEval_AcquireThread", "PyEval_ReleaseThread", "PyEval_AcquireLock",
    "PyEval_ReleaseLock", "PyThreadState_Swap", "PyThreadState_DeleteCurrent", "Py_Initialize",
    "Py_InitializeEx", "Py_InitializeFromConfig", "Py_InitializeFromInitConfig", "Py_Finalize",
    "Py_FinalizeEx", "Py_RunMain", "Py_NewInterpreter", "Py_NewInterpreterFromConfig",
    "Py_EndInterpreter",
)  # fmt: skip
ATTACHING = (
    "::pybind11::gil_scoped_acquire", "::pybind11::gil_scoped_acquire_simple",
    "::nanobind::gil_scoped_acquire", "::holdfast::attach_guard", "::PyThreadStateLock",
)  # fmt: skip
DETACHING = (
    "::pybind11::gil_scoped_release", "::pybind11::gil_scoped_release_simple",
    "::nanobind::gil_scoped_release", "::holdfast::detach_guard",
)  # fmt: skip
# Functions that block: while an attached thread is in one, no other thread can attach.
BLOCKING = (
    "::std::thread::join", "::std::jthread::join", "::std::this_thread::sleep_for",
    "::std::this_thread::sleep_until", "::std::condition_variable::wait",
    "::std::condition_variable::wait_for", "::std::condition_variable::wait_until",
    "::std::condition_variable_any::wait", "::std::future::wait", "::std::future::get",
    "::std::__basic_future::wait", "::std::shared_future::get", "::std::latch::wait",
    "::std::barrier::wait", "::std::counting_semaphore::acquire",
    "::sleep", "::usleep", "::nanosleep", "::poll", "::ppoll", "::select", "::pselect",
    "::epoll_wait", "::recv", "::recvfrom", "::recvmsg", "::accept", "::accept4", "::connect",
    "::pthread_join", "::pthread_cond_wait", "::pthread_cond_timedwait", "::sem_wait",
    "::sem_timedwait", "::waitpid", "::wait", "::system", "::thrd_join", "::thrd_sleep",
    "::cnd_wait", "::flock", "::pthread_barrier_wait",
)  # fmt: skip
# Locks that are usually held for a short time: reported as notes.
LOCKING = (
    "::std::mutex::lock", "::std::recursive_mutex::lock", "::std::shared_mutex::lock",
    "::std::timed_mutex::lock", "::std::unique_lock::lock", "::std::shared_lock::lock",
    "::std::lock", "::pthread_mutex_lock", "::pthread_rwlock_rdlock", "::pthread_rwlock_wrlock",
    "::mtx_lock",
)  # fmt: skip
LOCKERS = ("::std::lock_guard", "::std::unique_lock", "::std::scoped_lock", "::std::shared_lock")
SPAWNING = (
    "::pthread_create", "::thrd_create", "::CreateThread", "::_beginthreadex", "::_beginthread",
    "::std::async", "::PyThread_start_new_thread", "::PyThread_start_joinable_thread",
    "::Py_AtExit", "::signal", "::atexit", "::at_quick_exit", "::g_thread_new", "::uv_thread_create",
)  # fmt: skip
THREADS = ("::std::thread", "::std::jthread", "::boost::thread")
BINDINGS = ("::pybind11", "::nanobind", "::boost::python")
NEVER_RETURNS = frozenset(
    {"exit", "_exit", "_Exit", "quick_exit", "abort", "terminate", "Py_FatalError", "Py_Exit",
     "Py_ExitStatusException", "__builtin_unreachable", "longjmp", "rethrow_exception",
     "PyThread_exit_thread", "pthread_exit", "unreachable", "_Py_FatalErrorFunc"}
)  # fmt: skip


def vocabulary(
    *,
    attaching: Sequence[str] = (),
    detaching: Sequence[str] = (),
    blocking: Sequence[str] = (),
    spawning: Sequence[str] = (),
) -> Vocabulary:
    """The built-in names and a user's."""
    return Vocabulary(
        changing=tuple(f"::{name}" for name in CHANGING),
        state_calls=tuple(f"::{name}" for name in STATE_CALLS),
        attaching=(*ATTACHING, *attaching),
        detaching=(*DETACHING, *detaching),
        blocking=(*BLOCKING, *blocking),
        locking=LOCKING,
        lockers=LOCKERS,
        spawning=(*SPAWNING, *spawning),
        threads=THREADS,
        bindings=BINDINGS,
    )
