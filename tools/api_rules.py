"""What the functions of CPython's C API require of their caller, and where that is documented.

The general rule: "only a thread that holds the GIL may operate on Python objects or invoke Python's
C API" (`threads`). Everything else is an exception, with its source; the first pattern that matches
a name applies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["SOURCES", "rule_of"]

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "threads": "c-api/threads.rst: only a thread that holds the GIL may invoke the C API",
        "threads-attach": "c-api/threads.rst: attaching and detaching thread states",
        "threads-low": "c-api/threads.rst: low-level API: need not be attached",
        "threads-pending": "c-api/threads.rst: Py_AddPendingCall needs no attached thread state",
        "before-init": "c-api/interp-lifecycle.rst: can be called before Python is initialized",
        "lifecycle": "c-api/interp-lifecycle.rst: starting and ending the interpreter",
        "subinterpreters": "c-api/subinterpreters.rst: new and ended interpreters",
        "pep-788": "PEP 788: views and guards",
        "memory-raw": "c-api/memory.rst: raw memory: the GIL need not be held",
        "tls": "c-api/tls.rst: thread-specific storage: the GIL need not be held",
        "sync": "c-api/synchronization.rst: PyMutex detaches while it waits",
        "time": "c-api/time.rst: raw clocks: need no attached thread state",
        "config": "c-api/init_config.rst: used before the interpreter exists",
        "sys-locale": "c-api/sys.rst: decodes before Python is initialized",
        "conversion": "c-api/conversion.rst: works on C strings, touches no object",
        "char": "cpython/pyctype.h: a table of characters",
        "atomic": "cpython/pyatomic.h: an atomic operation on plain memory",
        "hash": "c-api/hash.rst: hashes memory, touches no object",
        "pythread": "pythread.h: the platform's threads and locks, no Python",
        "unicode-char": "c-api/unicode.rst: properties of a code point, touches no object",
        "fatal": "c-api/sys.rst: ends the process",
        "critical": "c-api/synchronization.rst: critical sections belong to an attached thread",
        "raw-files": "Python/fileutils.c and pylifecycle.c: touches no object, reports no error",
        "trace-memory": "Python/tracemalloc.c: attaches by itself if it has to",
        "trace-dump": "c-api/init.rst: dumps stacks from a signal handler, without the GIL",
    }
)

_RULES: tuple[tuple[str, str, str], ...] = (
    (r"PyGILState_Ensure|PyThreadState_Ensure(FromView)?", "acquire", "threads-attach"),
    (r"PyGILState_Release|PyThreadState_Release", "release", "threads-attach"),
    (r"PyEval_ThreadsInitialized", "any", "threads-attach"),
    (r"PyEval_SaveThread|PyEval_ReleaseThread|PyEval_ReleaseLock", "save", "threads-attach"),
    (r"PyEval_RestoreThread|PyEval_AcquireThread|PyEval_AcquireLock", "restore", "threads-attach"),
    (r"PyThreadState_Swap", "swap", "threads-attach"),
    (r"PyThreadState_DeleteCurrent|_PyThreadState_DeleteCurrent", "delete", "threads-low"),
    (r"PyGILState_(Check|GetThisThreadState)", "any", "threads-attach"),
    (r"_?PyThreadState_(GetUnchecked|UncheckedGet|New|Prealloc|Delete)", "any", "threads-low"),
    (r"PyInterpreterState_(New|Main|Head|Next|ThreadHead|Delete)", "any", "threads-low"),
    (r"PyThreadState_(Next|GetInterpreter)", "any", "threads-low"),
    (r"PyInterpreterView_(FromMain|Close)", "any", "pep-788"),
    (r"PyInterpreterGuard_(FromView|Close)", "any", "pep-788"),
    (r"Py_AddPendingCall", "any", "threads-pending"),
    (r"Py_(Initialize(Ex|FromConfig|FromInitConfig)?)|_Py_InitializeMain", "start", "lifecycle"),
    (r"Py_Finalize(Ex)?", "end", "lifecycle"),
    (r"Py_RunMain", "end", "lifecycle"),
    (r"Py_(Bytes)?Main", "whole", "lifecycle"),
    (r"Py_NewInterpreter(FromConfig)?", "new", "subinterpreters"),
    (r"Py_EndInterpreter", "close", "subinterpreters"),
    (r"_?Py_(IsInitialized|IsCoreInitialized|IsFinalizing)", "any", "before-init"),
    (r"Py_Get(Version|Platform|Copyright|Compiler|BuildInfo)", "any", "before-init"),
    (r"Py_(SetProgramName|SetPythonHome|SetPath|SetStandardStreamEncoding)", "any", "before-init"),
    (r"Py_AtExit|Py_PreInitialize\w*", "any", "before-init"),
    (r"PyImport_(Append|Extend)Inittab", "any", "before-init"),
    (r"PyMem_(Raw\w+|SetAllocator|GetAllocator|SetupDebugHooks)", "any", "memory-raw"),
    (r"_PyMem_(Raw\w+|GetCurrentAllocatorName)|PyObject_[GS]etArenaAllocator", "any", "memory-raw"),
    (r"_PyMem_(SetDefaultAllocator|SetupAllocators|GetAllocatorName)", "any", "memory-raw"),
    (r"PyThread_(tss|delete_key|create_key|set_key|get_key|ReInitTLS)\w*", "any", "tls"),
    (r"PyThread_\w+|_PyThread_\w+", "any", "pythread"),
    (r"_?PyMutex_\w+", "any", "sync"),
    (r"PyTime_\w+Raw|PyTime_AsSecondsDouble", "any", "time"),
    (r"_?PyPreConfig_\w+|PyStatus_\w+|_PyStatus_\w+", "any", "config"),
    (r"PyConfig_(Get|GetInt|Set|Names)", "attached", "threads"),
    (r"PyConfig_\w+|PyWideStringList_\w+|PyInitConfig_\w+", "any", "config"),
    (r"Py_(DecodeLocale|UTF8Mode)", "any", "sys-locale"),
    (r"PyOS_(snprintf|vsnprintf|mystricmp|mystrnicmp|stricmp|strnicmp)", "any", "conversion"),
    (r"_?PyOS_(strtol|strtoul)|_Py_(c|s)\w*_?strto\w+", "any", "conversion"),
    (r"_Py_(ctoupper|ctolower|parse_inf_or_nan|bytes_\w+)", "any", "char"),
    (r"_Py_atomic_\w+|_Py_ATOMIC\w+|_Py_yield", "any", "atomic"),
    (r"Py_HashBuffer|PyHash_GetFuncDef|_Py_Hash(Bytes|Pointer\w*|Double)?", "any", "hash"),
    (r"Py_HashPointer|Py_HashDouble", "any", "hash"),
    (r"_PyUnicode_(Is|To)\w+|Py_UNICODE_(IS|TO)\w+|_Py_UNICODE_\w+", "any", "unicode-char"),
    (r"Py_UNICODE_\w+", "any", "unicode-char"),
    (r"_?Py_FatalError\w*|_Py_FatalErrorFormat|Py_ExitStatusException", "any", "fatal"),
    (r"Py_Exit", "end", "lifecycle"),
    (r"_Py_\w+_noraise|_Py_SetLocaleFromEnv", "any", "raw-files"),
    (r"PyTraceMalloc_(Track|Untrack)", "any", "trace-memory"),
    (r"PyUnstable_DumpTraceback\w*|_Py_DumpTraceback\w*", "any", "trace-dump"),
    (r"PyUnstable_ThreadState_\w+", "attached", "threads"),
    (r"Py(Unstable)?_?CriticalSection\w*|PyCriticalSection\w*", "attached", "critical"),
    (r"Py(ABIInfo_Check|_PACK_\w+)", "any", "conversion"),
    (r"_?Py[A-Z_]\w*", "attached", "threads"),
)
_COMPILED = tuple((re.compile(pattern), kind, source) for pattern, kind, source in _RULES)


def rule_of(name: str) -> tuple[str, str] | None:
    """Kind and source for a function; None if no rule covers its name."""
    for pattern, kind, source in _COMPILED:
        if pattern.fullmatch(name):
            return kind, source
    return None
