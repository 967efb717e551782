"""The names outside CPython that the check knows: guards, threads, blocking calls.

Users can add names (see `settings`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pyholdfast.check.blocking import blocking_calls
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
    "Py_EndInterpreter", "hf_attach", "hf_attach_guard", "hf_detach", "hf_end",
)  # fmt: skip
ATTACHING = (
    "::pybind11::gil_scoped_acquire", "::pybind11::gil_scoped_acquire_simple",
    "::nanobind::gil_scoped_acquire", "::holdfast::attach_guard", "::PyThreadStateLock",
)  # fmt: skip
DETACHING = (
    "::pybind11::gil_scoped_release", "::pybind11::gil_scoped_release_simple",
    "::nanobind::gil_scoped_release", "::holdfast::detach_guard",
)  # fmt: skip
# Python runs for the lifetime of their objects.
STARTING = ("::pybind11::scoped_interpreter", "::holdfast::interpreter")
# Of these, the classes whose constructor leaves the thread attached.
STARTING_ATTACHED = frozenset({"scoped_interpreter"})
# Functions of binding libraries that start or end Python.
LIFE_CALLS: Mapping[str, str] = MappingProxyType(
    {"initialize_interpreter": "start", "finalize_interpreter": "end"}
)
# Locks that are usually held for a short time: reported as notes.
LOCKING = (
    "::std::mutex::lock", "::std::recursive_mutex::lock", "::std::shared_mutex::lock",
    "::std::timed_mutex::lock", "::std::unique_lock<>::lock", "::std::shared_lock<>::lock",
    "::std::lock", "::pthread_mutex_lock", "::pthread_rwlock_rdlock", "::pthread_rwlock_wrlock",
    "::mtx_lock",
)  # fmt: skip
LOCKERS = ("::std::lock_guard", "::std::unique_lock", "::std::scoped_lock", "::std::shared_lock")
SPAWNING = (
    "::pthread_create", "::thrd_create", "::CreateThread", "::_beginthreadex", "::_beginthread",
    "::std::async", "::PyThread_start_new_thread", "::PyThread_start_joinable_thread",
    "::Py_AtExit", "::signal", "::sigaction", "::atexit", "::at_quick_exit", "::g_thread_new",
    "::g_thread_try_new", "::g_thread_pool_new", "::uv_thread_create", "::uv_queue_work",
    "::SDL_CreateThread", "::QueueUserWorkItem", "::CreateThreadpoolWork", "::SetTimer",
    "::dispatch_async_f", "::timer_create", "::cudaStreamAddCallback", "::cudaLaunchHostFunc",
    "::hipStreamAddCallback", "::hipLaunchHostFunc", "::QtConcurrent::run", "::QThread::create",
    "::boost::asio::post", "::asio::post", "::boost::asio::dispatch", "::boost::asio::defer",
    "::tbb::task_group::run", "::tbb::detail::d1::task_group::run", "::tbb::parallel_for",
    "::tbb::detail::d1::parallel_for", "::rd_kafka_conf_set_log_cb",
)  # fmt: skip
# Libraries that call what they are given from a thread of their own, by the beginning of a name.
FROM_OWN_THREADS = (
    "Mix_ChannelFinished", "Mix_HookMusic", "Mix_RegisterEffect", "Mix_SetPostMix", "Pa_Open",
    "Pa_SetStreamFinishedCallback", "SDL_AddTimer", "SDL_OpenAudio", "SDL_SetAudio", "alsa_",
    "snd_async_add", "avahi_", "cudaStreamAddCallback", "fuse_", "gst_app_s", "gst_bus_set_sync",
    "gst_pad_add_probe", "jack_set_", "libusb_hotplug_register", "libvlc_event_attach",
    "libvlc_video_set", "lo_server_thread_", "mosquitto_", "mpv_set_wakeup", "nbd_", "pa_stream_set_",
    "pa_context_set_", "pthread_key_create", "rd_kafka_conf_set_", "rtmidi_set_",
    "rtmidi_in_set", "thrd_create", "tss_create", "uv_async_init", "uv_queue_work",
    "virConnectDomainEvent", "virConnectNetworkEvent", "virConnectRegisterClose",
    "virConnectSetErrorFunc", "virEventAdd", "zmq_socket_monitor", "zookeeper_init", "zoo_a", "zoo_w",
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
    entering: Sequence[str] = (),
    leaving: Sequence[str] = (),
) -> Vocabulary:
    """The built-in names and a user's."""
    return Vocabulary(
        changing=tuple(f"::{name}" for name in CHANGING),
        state_calls=tuple(f"::{name}" for name in STATE_CALLS),
        attaching=(*ATTACHING, *attaching),
        detaching=(*DETACHING, *detaching),
        starting=STARTING,
        blocking=(*_of_level("finding"), *blocking),
        slow=(*_of_level("note"), *_of_level("lock")),
        locking=LOCKING,
        lockers=LOCKERS,
        spawning=(*SPAWNING, *spawning),
        entering=entering,
        leaving=leaving,
        threads=THREADS,
        bindings=BINDINGS,
    )


def _of_level(level: str) -> tuple[str, ...]:
    return tuple(f"::{row.name}" for row in blocking_calls() if row.level == level)
