"""HF600 to HF639: the proof, `holdfast check`."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF600",
        "clang-tidy is not installed",
        "holdfast check lets clang-tidy read the sources. Its package from PyPI holds the program"
        " and needs no compiler; it was found neither in the environment that holdfast runs in,"
        " nor on PATH.",
        "HF600 clang-tidy is not installed",
        "pip install 'pyholdfast[check]'. HOLDFAST_CLANG_TIDY names a program that lies elsewhere.",
    ),
    Code(
        "HF601",
        "a Python call is made without an attached thread state",
        "Between PyEval_SaveThread() or Py_BEGIN_ALLOW_THREADS and its end, after"
        " PyGILState_Release(), or under a guard that detaches, a thread must not touch Python:"
        " another one may be running it. The lines below the finding say where the thread was"
        " detached, and through which calls it gets from there to Python.",
        "Py_BEGIN_ALLOW_THREADS\nresult = read_all(fd);\nif (result < 0) PyErr_SetFromErrno(error);"
        "  // HF601\nPy_END_ALLOW_THREADS",
        "Move the call behind the detached part, or attach around it, for example with a"
        " holdfast::attach_guard.",
    ),
    Code(
        "HF602",
        "nothing shows that a thread is attached where Python is called",
        "The function calls Python and does not attach, and nothing says that its callers do: it"
        " takes and returns no Python object, stands in no table of methods, and no file that was"
        " checked calls it. This is a note: nothing is proven, neither that it is right nor that it"
        " is wrong.",
        'void log_event(const char *text) { PySys_WriteStderr("%s", text); }',
        "Attach in the function. Or check the files that call it, too. Or say that it must be"
        " called attached: write HOLDFAST_REQUIRES_ATTACHED before its declaration, or name it in"
        " 'attached' of [tool.holdfast.check].",
    ),
    Code(
        "HF603",
        "a pair is left open on a way out of a function",
        "After PyGILState_Ensure() an early return, a throw or a goto leads past"
        " PyGILState_Release(). The thread keeps the GIL, and all others wait for ever. The same"
        " for PyEval_SaveThread() without PyEval_RestoreThread(): the next Python call crashes.",
        "PyGILState_STATE state = PyGILState_Ensure();\nif (!ready) return -1;  // HF603",
        "Let an object do it: holdfast::attach_guard and detach_guard end on every path.",
    ),
    Code(
        "HF604",
        "a thread state is given up that the thread does not have",
        "PyGILState_Release() without its PyGILState_Ensure(), or PyEval_SaveThread() by a thread"
        " that is detached. CPython ends the process with a fatal error.",
        "Py_BEGIN_ALLOW_THREADS\nPy_BEGIN_ALLOW_THREADS  // HF604",
        "Remove the call, or attach before it on every path that leads to it.",
    ),
    Code(
        "HF605",
        "a thread that is attached attaches a second time",
        "PyEval_RestoreThread() and PyEval_AcquireThread() wait for the GIL. A thread that has it"
        " waits for itself, for ever. (PyGILState_Ensure() and guards may nest.)",
        "PyEval_RestoreThread(state);\nPyEval_RestoreThread(state);  // HF605",
        "Remove the call, or detach before it on every path that leads to it.",
    ),
    Code(
        "HF606",
        "Python is called after it has ended",
        "After Py_FinalizeEx() there is no interpreter. Most calls crash; PyGILState_Ensure()"
        " crashes or hangs, depending on the version.",
        "Py_FinalizeEx();\nPyRun_SimpleString(\"print('bye')\");  // HF606",
        "Do it before. Where threads may come late, let them attach with a holdfast::attach_guard:"
        " it refuses instead.",
    ),
    Code(
        "HF607",
        "a thread calls Python and never attached",
        "A thread that native code starts has no thread state. The function or lambda that it"
        " begins with calls Python, itself or through others, and nothing attaches before.",
        'std::thread worker([] { PyRun_SimpleString("work()"); });  // HF607',
        "Begin the thread's function with a holdfast::attach_guard on a view that its creator"
        " took; or PyGILState_Ensure() and PyGILState_Release().",
    ),
    Code(
        "HF608",
        "HOLDFAST_CLANG_TIDY names no program",
        "The variable says which clang-tidy to use, and there is none, or it cannot be run.",
        "HF608 HOLDFAST_CLANG_TIDY names a program that cannot be run: '/opt/clang-tidy'",
        "Name a clang-tidy 23 or later, or unset the variable and pip install 'pyholdfast[check]'.",
    ),
    Code(
        "HF609",
        "clang-tidy does not work",
        "It does not start, it crashed, or it is older than 23 and does not know the queries that"
        " holdfast asks.",
        "HF609 '/usr/bin/clang-tidy' does not work: unknown argument --experimental-custom-checks",
        "pip install -U clang-tidy",
    ),
    Code(
        "HF610",
        "a function is called that CPython has removed",
        "The Python that the code is compiled for, or that --target names, does not have it.",
        "PyEval_AcquireLock();  // HF610 on 3.13: PyEval_RestoreThread() takes its place",
        "Use what the message names; holdfast migrate writes most of it.",
    ),
    Code(
        "HF611",
        "a function is called that CPython advises against",
        "It still works in the Python that the code is compiled for, or that --target names, and"
        " will go, or has a fault that its successor mends. This is a note: it does not make a"
        " check fail.",
        "PyErr_Fetch(&type, &value, &traceback);  // HF611 from 3.12 on",
        "Use what the message names, where the oldest Python that you support has it.",
    ),
    Code(
        "HF612",
        "PyGILState is used in a program with sub-interpreters",
        "PyGILState_Ensure() knows one interpreter, the main one. A callback that belongs to a"
        " sub-interpreter and comes through it runs in the wrong interpreter, with the wrong GIL."
        " This is a note: where the main interpreter is meant, it is right.",
        "PyGILState_STATE state = PyGILState_Ensure();  // HF612",
        "Keep a view of the interpreter where Python called you: holdfast::current_view(), or"
        " PyInterpreterView_FromCurrent() on 3.15. Attach to that.",
    ),
    Code(
        "HF613",
        "a thread may block while it is attached",
        "Whoever waits with the GIL lets all other threads wait; and if what it waits for needs"
        " Python, nobody goes on. On a free-threaded build it holds up garbage collection.",
        "worker.join();  // HF613 in a function that Python calls",
        "Detach around it: Py_BEGIN_ALLOW_THREADS and Py_END_ALLOW_THREADS, a"
        " holdfast::detach_guard, or holdfast::join, wait and get.",
    ),
    Code(
        "HF614",
        "a mutex is locked while the thread is attached",
        "Safe if whoever holds the mutex never attaches; a deadlock otherwise: one thread has the"
        " mutex and waits for the GIL, another has the GIL and waits for the mutex. This is a"
        " note: it does not make a check fail.",
        "std::lock_guard<std::mutex> lock(table_mutex);  // HF614 in a function that Python calls",
        "holdfast::mutex and holdfast::shared_mutex detach while they wait. Or detach before locking.",
    ),
    Code(
        "HF615",
        "Python is called before main() or after Python has ended",
        "The initialiser of a global variable runs before anybody could start Python, and its"
        " destructor after Python has ended. A local static variable is destroyed then, too.",
        "static py::object cache;  // HF615",
        "Make it when Python runs and end it before Python does, or never end it: pybind11 has"
        " gil_safe_call_once_and_store, and a holdfast::object may be destroyed at any time.",
    ),
    Code(
        "HF620",
        "a file does not compile",
        "clang, which reads the file, reports an error. The functions in which it lies were not"
        " analysed; after a missing header, none of the file was. They are listed as unchecked.",
        "HF620 'config.h' file not found",
        "Give the options that the file is compiled with: by a compilation database with -p, or"
        " behind --, e.g. holdfast check app.cpp -- -Iinclude -DNDEBUG.",
    ),
    Code(
        "HF621",
        "a function was not analysed",
        "It does not compile, or its text could not be followed, e.g. because macros open and"
        " close its blocks. It may be right or wrong: nobody looked.",
        "HF621 unchecked: parse(): use of undeclared identifier 'DEPTH'",
        "Mend what the message says, or look at the function yourself.",
    ),
    Code(
        "HF622",
        "clang does not know a compiler option",
        "The compilation database was made for another compiler. The option was left out, and the"
        " file was analysed without it.",
        "HF622 clang does not know the option '-fconserve-stack'",
        "If the option changes what the code means, take it out of the database; otherwise nothing.",
    ),
    Code(
        "HF623",
        "reading a file takes too long",
        "clang-tidy was ended after the time that one file may take.",
        "HF623 clang-tidy did not end within 300 s",
        "Give more time with --limit, or fewer files at a time with --jobs 1.",
    ),
    Code(
        "HF624",
        "the baseline cannot be read",
        "The file is missing, or not one that --write-baseline made.",
        "HF624 the baseline 'old.json' cannot be read: Expecting value: line 1 column 1 (char 0)",
        "Make it again with --write-baseline.",
    ),
    Code(
        "HF625",
        "the configuration cannot be read",
        "[tool.holdfast.check] in pyproject.toml, or [check] in .holdfast.toml, has a key that is"
        " not known, or a value that is not a list of texts. Or Python 3.10 runs holdfast, and tomli"
        " is not installed.",
        "HF625 'pyproject.toml' says 'atached = ['f']', which means nothing to holdfast check",
        "See docs/how-to/check.md for the keys. For tomli: pip install 'pyholdfast[check]'.",
    ),
    Code(
        "HF626",
        "a finding is ignored without a reason",
        "A comment that accepts a finding must say why, for whoever reads it next. Without a"
        " reason it accepts nothing.",
        "Py_DECREF(x);  // holdfast: ignore[HF601]",
        "Write the reason behind the bracket.",
    ),
    Code(
        "HF627",
        "there is no compilation database",
        "-p names a folder without a compile_commands.json, or one that cannot be read.",
        "HF627 no compilation database can be read from 'build/compile_commands.json'",
        "CMake: -DCMAKE_EXPORT_COMPILE_COMMANDS=ON. Meson makes one. For other build systems:"
        " bear -- make. Or leave out -p and give the options behind --.",
    ),
    Code(
        "HF628",
        "the compilation database does not know a file",
        "The file is not part of what the database builds, or is a header.",
        "HF628 'build/compile_commands.json' has no command for 'old.c'",
        "Name files that are built, or none: then all of them are checked.",
    ),
)
