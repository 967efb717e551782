"""HF600 to HF639: findings and errors of `holdfast check`."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF600",
        "clang-tidy is not installed",
        "holdfast check reads sources with clang-tidy. The clang-tidy package on PyPI contains the"
        " program and needs no compiler. holdfast found clang-tidy neither in its own environment"
        " nor on PATH.",
        "HF600 clang-tidy is not installed",
        "pip install 'pyholdfast[check]', or set HOLDFAST_CLANG_TIDY to a clang-tidy that is"
        " installed elsewhere.",
    ),
    Code(
        "HF601",
        "a Python call is made without an attached thread state",
        "A thread must not touch Python between PyEval_SaveThread() or Py_BEGIN_ALLOW_THREADS and"
        " its end, after PyGILState_Release(), or under a guard that detaches: another thread may"
        " be running Python. The lines below the finding show where the thread was detached and"
        " which calls lead from there to Python.",
        "Py_BEGIN_ALLOW_THREADS\nresult = read_all(fd);\nif (result < 0) PyErr_SetFromErrno(error);"
        "  // HF601\nPy_END_ALLOW_THREADS",
        "Move the call after the detached part, or attach around it, for example with a"
        " holdfast::attach_guard.",
    ),
    Code(
        "HF602",
        "nothing shows that a thread is attached where Python is called",
        "The function calls Python and does not attach, and there is no evidence that its callers"
        " do: it takes and returns no Python object, is in no method table, and is not called in"
        " any file that was checked. This is a note: it proves neither that the code is right nor"
        " that it is wrong.",
        'void log_event(const char *text) { PySys_WriteStderr("%s", text); }',
        "Attach in the function, or also check the files that call it. Or declare that it must be"
        " called attached: write HOLDFAST_REQUIRES_ATTACHED before its declaration, or list it in"
        " 'attached' of [tool.holdfast.check].",
    ),
    Code(
        "HF603",
        "a function can be left with a pair still open",
        "After PyGILState_Ensure(), an early return, a throw or a goto skips PyGILState_Release()."
        " The thread keeps the GIL and all others wait for ever. With PyEval_SaveThread() and no"
        " PyEval_RestoreThread(), the next Python call crashes.",
        "PyGILState_STATE state = PyGILState_Ensure();\nif (!ready) return -1;  // HF603",
        "Use an object instead: holdfast::attach_guard and detach_guard end on every path.",
    ),
    Code(
        "HF604",
        "a thread releases a thread state that it does not have",
        "PyGILState_Release() is called without a matching PyGILState_Ensure(), or"
        " PyEval_SaveThread() is called by a detached thread. CPython ends the process with a"
        " fatal error.",
        "Py_BEGIN_ALLOW_THREADS\nPy_BEGIN_ALLOW_THREADS  // HF604",
        "Remove the call, or attach before it on every path that leads to it.",
    ),
    Code(
        "HF605",
        "an attached thread attaches a second time",
        "PyEval_RestoreThread() and PyEval_AcquireThread() wait for the GIL. A thread that already"
        " holds it waits for itself, for ever. (PyGILState_Ensure() and guards may nest.)",
        "PyEval_RestoreThread(state);\nPyEval_RestoreThread(state);  // HF605",
        "Remove the call, or detach before it on every path that leads to it.",
    ),
    Code(
        "HF606",
        "Python is called after it has ended",
        "After Py_FinalizeEx() there is no interpreter. Most calls crash; PyGILState_Ensure()"
        " crashes or hangs, depending on the version.",
        "Py_FinalizeEx();\nPyRun_SimpleString(\"print('bye')\");  // HF606",
        "Call Python before it ends. If threads may come late, use a holdfast::attach_guard, which"
        " refuses instead.",
    ),
    Code(
        "HF607",
        "a thread calls Python without ever having attached",
        "A thread started by native code has no thread state. The function or lambda that it runs"
        " calls Python, directly or through other functions, and nothing attaches first.",
        'std::thread worker([] { PyRun_SimpleString("work()"); });  // HF607',
        "Start the thread's function with a holdfast::attach_guard on a view taken by the thread"
        " that started it. Or use PyGILState_Ensure() and PyGILState_Release().",
    ),
    Code(
        "HF608",
        "HOLDFAST_CLANG_TIDY does not name a program",
        "The variable chooses which clang-tidy to use. The file does not exist, or cannot be run.",
        "HF608 HOLDFAST_CLANG_TIDY names a program that cannot be run: '/opt/clang-tidy'",
        "Set it to a clang-tidy 23 or later, or unset it and pip install 'pyholdfast[check]'.",
    ),
    Code(
        "HF609",
        "clang-tidy does not work",
        "clang-tidy does not start, crashed, or is older than 23 and does not support the queries"
        " that holdfast uses.",
        "HF609 '/usr/bin/clang-tidy' does not work: unknown argument --experimental-custom-checks",
        "pip install -U clang-tidy",
    ),
    Code(
        "HF610",
        "the code calls a function that CPython has removed",
        "The Python that the code is compiled for, or that --target names, no longer has this"
        " function.",
        "PyEval_AcquireLock();  // HF610 on 3.13: PyEval_RestoreThread() takes its place",
        "Use the replacement in the message. holdfast migrate makes most of these changes.",
    ),
    Code(
        "HF611",
        "the code calls a function that CPython advises against",
        "The function still works in the Python that the code is compiled for, or that --target"
        " names, but it will be removed, or has a fault that its successor fixes. This is a note:"
        " it does not make a check fail.",
        "PyErr_Fetch(&type, &value, &traceback);  // HF611 from 3.12 on",
        "Use the replacement in the message if the oldest Python that you support has it.",
    ),
    Code(
        "HF612",
        "PyGILState is used in a program with sub-interpreters",
        "PyGILState_Ensure() only knows the main interpreter. A callback that belongs to a"
        " sub-interpreter and attaches this way runs in the wrong interpreter, with the wrong GIL."
        " This is a note: if you mean the main interpreter, the code is right.",
        "PyGILState_STATE state = PyGILState_Ensure();  // HF612",
        "Take a view of the interpreter while Python is calling you, with"
        " holdfast::current_view(), or with PyInterpreterView_FromCurrent() on 3.15. Attach to"
        " that view later.",
    ),
    Code(
        "HF613",
        "a thread may block while it is attached",
        "A thread that waits while it holds the GIL blocks all other threads; if what it waits for"
        " needs Python, there is a deadlock. On a free-threaded build it delays garbage"
        " collection.",
        "worker.join();  // HF613 in a function that Python calls",
        "Detach around the wait: use Py_BEGIN_ALLOW_THREADS and Py_END_ALLOW_THREADS, a"
        " holdfast::detach_guard, or holdfast::join, wait and get.",
    ),
    Code(
        "HF614",
        "a mutex is locked while the thread is attached",
        "This is safe if a thread that holds the mutex never attaches. Otherwise it can deadlock:"
        " one thread has the mutex and waits for the GIL, another has the GIL and waits for the"
        " mutex. This is a note: it does not make a check fail.",
        "std::lock_guard<std::mutex> lock(table_mutex);  // HF614 in a function that Python calls",
        "Use holdfast::mutex or holdfast::shared_mutex, which detach while they wait. Or detach"
        " before you lock.",
    ),
    Code(
        "HF615",
        "Python is called before main() or after Python has ended",
        "The initialiser of a global variable runs before any code can start Python, and its"
        " destructor runs after Python has ended. The destructor of a local static variable also"
        " runs after Python has ended.",
        "static py::object cache;  // HF615",
        "Create the object while Python runs and destroy it before Python ends, or never destroy"
        " it: pybind11 has gil_safe_call_once_and_store. A holdfast::object may be destroyed at"
        " any time.",
    ),
    Code(
        "HF616",
        "a call that can take long is made while the thread is attached",
        "Reading a file, compressing data or copying to a device often takes a short time, but not"
        " always. No other thread can attach meanwhile. This is a note: it does not make a check"
        " fail.",
        "fread(buffer, 1, size, file);  // HF616 in a function that Python calls",
        "Detach around the call if it can take longer than a few microseconds.",
    ),
    Code(
        "HF617",
        "a callback calls Python without attaching",
        "The function is given to another library, which may call it from a thread that is not"
        " attached: the function is given away while detached, or the library calls it from its own"
        " threads, or the other callbacks that the same file gives to libraries do attach.",
        "Py_BEGIN_ALLOW_THREADS\nstore_put(store, value, drop);  // drop() calls Py_DECREF(): HF617\n"
        "Py_END_ALLOW_THREADS",
        "Attach in the callback: a holdfast::attach_guard, or PyGILState_Ensure() and"
        " PyGILState_Release().",
    ),
    Code(
        "HF618",
        "a result that may be null is used without a test",
        "PyThreadState_New() returns null if memory is short, Py_NewInterpreter() if the"
        " sub-interpreter cannot be created, PyThread_allocate_lock() if memory is short."
        " PyEval_RestoreThread() ends the process if it is given null, and PyThreadState_Swap()"
        " leaves the thread detached. The first use after the call decides: a copy, a return or a"
        " call of another function is not reported, because the test may be there.",
        "PyThreadState *state = PyThreadState_New(interp);\nPyEval_RestoreThread(state);  // HF618",
        "Test the result, and handle the failure, before it is used.",
    ),
    Code(
        "HF619",
        "threads share the variable that keeps the result of an attach",
        "A static variable keeps what PyGILState_Ensure() returned. Python lets other threads run"
        " before the release, and they, or a nested call, overwrite the variable. Then the release"
        " undoes the wrong attach: the thread keeps the GIL for ever, or gives up one that it does not"
        " have. The same holds for a PyEval_SaveThread() that the same function undoes. Functions"
        " that take a lock, count how deep they are nested, or start Python are not reported.",
        "static PyGILState_STATE state;\nvoid lock(void) { state = PyGILState_Ensure(); }  // HF619",
        "Keep it in a local variable, which each call has for itself.",
    ),
    Code(
        "HF620",
        "a file does not compile",
        "clang, which parses the file, reports an error. The functions that contain the error were"
        " not analysed; after a missing header, nothing in the file was. They are listed as"
        " unchecked.",
        "HF620 'config.h' file not found",
        "Pass the options that the file is compiled with: through a compilation database with -p,"
        " or after --, e.g. holdfast check app.cpp -- -Iinclude -DNDEBUG.",
    ),
    Code(
        "HF621",
        "a function was not analysed",
        "The function does not compile, or its text could not be followed, e.g. because macros"
        " open and close its blocks. It may be right or wrong: holdfast did not check it.",
        "HF621 unchecked: parse(): use of undeclared identifier 'DEPTH'",
        "Fix what the message says, or review the function yourself.",
    ),
    Code(
        "HF622",
        "clang does not know a compiler option",
        "The compilation database was made for another compiler. holdfast left the option out and"
        " analysed the file without it.",
        "HF622 clang does not know the option '-fconserve-stack'",
        "If the option changes what the code means, remove it from the database. Otherwise, do"
        " nothing.",
    ),
    Code(
        "HF623",
        "reading a file takes too long",
        "clang-tidy was killed when it exceeded the time limit for one file.",
        "HF623 clang-tidy did not end within 300 s",
        "Raise the limit with --limit, or read one file at a time with --jobs 1.",
    ),
    Code(
        "HF624",
        "the baseline cannot be read",
        "The file does not exist, or was not written by --write-baseline.",
        "HF624 the baseline 'old.json' cannot be read: Expecting value: line 1 column 1 (char 0)",
        "Create it again with --write-baseline.",
    ),
    Code(
        "HF625",
        "the configuration cannot be read",
        "[tool.holdfast.check] in pyproject.toml, or [check] in .holdfast.toml, has an unknown"
        " key, or a value that is not a list of strings. Or holdfast runs on Python 3.10, and"
        " tomli is not installed.",
        "HF625 'pyproject.toml' says 'atached = ['f']', which means nothing to holdfast check",
        "See docs/how-to/check.md for the keys. For tomli: pip install 'pyholdfast[check]'.",
    ),
    Code(
        "HF626",
        "a finding is ignored without a reason",
        "A comment that accepts a finding must give a reason for the next reader. Without a"
        " reason, holdfast ignores the comment.",
        "Py_DECREF(x);  // holdfast: ignore[HF601]",
        "Write the reason after the bracket.",
    ),
    Code(
        "HF627",
        "no compilation database",
        "The folder given by -p contains no compile_commands.json, or it cannot be read.",
        "HF627 no compilation database can be read from 'build/compile_commands.json'",
        "With CMake, add -DCMAKE_EXPORT_COMPILE_COMMANDS=ON. Meson writes one by itself. For other"
        " build systems, use bear -- make. Or leave out -p and pass the options after --.",
    ),
    Code(
        "HF628",
        "the compilation database does not know a file",
        "The file is a header, or the database does not build it.",
        "HF628 'build/compile_commands.json' has no command for 'old.c'",
        "Pass files that are built, or no files to check all of them.",
    ),
    Code(
        "HF629",
        "a file was named, but nothing in it was checked",
        "The check saw no code, so it proves nothing about the file. The file does not exist, or an"
        " #if leaves out every function in it with these options, or it only includes libraries, or"
        " it is a part of another file and does not compile alone, or the configuration excludes"
        " every file. The exit status is 2.",
        "HF629 the compiler did not see any of its 12 functions: an #if leaves out what is there",
        "Name the files that the project compiles, with their options: -p BUILD, or after --. A file"
        " that another one includes is checked with that one.",
    ),
)
