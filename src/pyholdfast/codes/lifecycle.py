"""HF200 to HF299: attach, start and finalize. Raised by the C++ headers."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF201",
        "attach before Python was started",
        "A thread tries to attach before this process has an interpreter. The gate opens only when"
        " the interpreter is ready, so a thread that arrives earlier is refused.",
        "std::thread early([] { holdfast::attach_guard attached; });  // throws HF201\n"
        "holdfast::interpreter python;",
        "Construct the holdfast::interpreter before the threads that use it. An extension module"
        " or plug-in can attach only in a process that runs Python.",
    ),
    Code(
        "HF202",
        "attach while the interpreter is finalizing",
        "finalize() has closed the gate: threads that are inside may finish, new ones are refused."
        " Otherwise a steady stream of threads could delay the end for ever.",
        "python.finalize(5s);  // meanwhile, on another thread:\n"
        "holdfast::attach_guard attached(view);  // throws HF202",
        "Join the thread before finalize(). Or use attach_guard(view, std::nothrow) and stop"
        " working when it is false.",
    ),
    Code(
        "HF203",
        "attach after the interpreter was finalized",
        "Python has ended in this process, so there is nothing to attach to. Operations that need"
        " an attach, such as a pool's submit() or object::get(), are refused with the same code,"
        " and the message names the operation. The future of a task that was cut off by the end of"
        " Python gets this error, too.",
        "python.finalize(5s);\nholdfast::attach_guard attached(view);  // throws HF203",
        "End threads that use Python before finalize(), or make them test attach_guard(view,"
        " std::nothrow).",
    ),
    Code(
        "HF204",
        "the view is of an earlier interpreter",
        "The interpreter that the view belongs to has ended, and another one has been started"
        " since. Objects and modules of the old interpreter are gone, so an old view never leads"
        " into the new one.",
        "auto view = first.view();\nfirst.finalize(5s);\nholdfast::interpreter second;\n"
        "holdfast::attach_guard attached(view);  // throws HF204",
        "Take a new view: second.view(), or holdfast::main_view().",
    ),
    Code(
        "HF205",
        "attach in a forked child",
        "The process called plain fork(). Threads that the child does not have may hold locks of"
        " CPython, so the child cannot use Python.",
        "if (fork() == 0)\n    holdfast::attach_guard attached;  // throws HF205",
        "Call exec in the child, or fork from Python (os.fork), or put PyOS_BeforeFork and"
        " PyOS_AfterFork_Child around the fork. For workers, start new processes instead of"
        " forking.",
    ),
    Code(
        "HF210",
        "finalize on another thread than the one that started Python",
        "CPython makes the thread that started it its main thread: signals, the bookkeeping of the"
        " threading module and finalization belong to it. finalize() changed nothing.",
        "holdfast::interpreter python;\nstd::thread([&] { python.finalize(5s); });  // throws HF210",
        "Call finalize() on the thread that constructed the interpreter. Other threads can ask"
        " that thread to call it.",
    ),
    Code(
        "HF211",
        "finalize would wait for the caller itself",
        "finalize() waits until no thread is inside. The calling thread holds a guard and so"
        " counts as inside.",
        "holdfast::interpreter_guard keep(python.view());\npython.finalize(5s);  // throws HF211",
        "End the guard first: give it its own scope, which closes before finalize().",
    ),
    Code(
        "HF212",
        "finalize was called from inside Python",
        "There are Python frames below the call: Python called this C++ function. An interpreter"
        " cannot be finalized while it is executing code.",
        "a callback that Python calls does: python.finalize(5s);  // throws HF212",
        "Set a flag in the callback, return to Python, and call finalize() when the outermost call"
        " has returned.",
    ),
    Code(
        "HF213",
        "a guard or a lock ended out of order, or on another thread",
        "Guards of a thread nest: the last one made must end first. A guard that ends too late"
        " leaves the thread attached to the wrong interpreter. A holdfast::mutex, or a"
        " shared_mutex that is locked exclusively, must be unlocked by the thread that locked it."
        " Debug builds check both rules and abort.",
        "auto outer = std::make_unique<holdfast::attach_guard>();\n"
        "auto inner = std::make_unique<holdfast::detach_guard>();\nouter.reset();  // HF213",
        "Make guards plain local variables. To keep an interpreter alive for longer than a scope,"
        " hold an interpreter_guard. Lock with std::lock_guard or std::unique_lock.",
    ),
    Code(
        "HF214",
        "a second interpreter while one runs",
        "A process has one main interpreter, and it is already running.",
        "holdfast::interpreter one;\nholdfast::interpreter two;  // throws HF214",
        "Use views of the first one. For isolation, use holdfast::subinterpreter.",
    ),
    Code(
        "HF215",
        "Python is already running, and no interpreter object owns it",
        "This process called Py_Initialize or a similar function, or it is a Python that loaded"
        " this code as an extension. The code that started Python also ends it. Or a"
        " holdfast::interpreter started Python and gave it up with release().",
        "Py_Initialize();\nholdfast::interpreter python;  // throws HF215",
        "Do not construct an interpreter here: attach_guard and main_view() work with the running"
        " one, and interpreter::adopt() makes an object that can finalize it. Or start Python only"
        " with holdfast::interpreter.",
    ),
    Code(
        "HF216",
        "not attached where it is required",
        "The call needs an attached thread: it uses Python objects or asks for the current"
        " interpreter.",
        "auto view = holdfast::current_view();  // throws HF216 on a detached thread",
        "Make an attach_guard first, in the same scope.",
    ),
    Code(
        "HF217",
        "reopen of an interpreter that is not closed",
        "reopen() undoes a finalize() whose limit passed. This interpreter is open, or has already"
        " ended.",
        "holdfast::interpreter python;\npython.reopen();  // throws HF217",
        "Call it only after finalize() returned a report with finalized == false.",
    ),
    Code(
        "HF218",
        "the destructor of the interpreter waits",
        "A destructor must neither throw nor give up, so ~interpreter() waits until no thread is"
        " inside. Every few seconds it names the threads that it waits for.",
        "HF218 ~interpreter waits for what is still inside:\n"
        "thread 4711 'decoder-1': decoder.cpp:12, for 5.2 s",
        "Call finalize(limit) before the destructor and act on its report. End or join the threads"
        " in the message.",
    ),
    Code(
        "HF219",
        "threads were still inside at exit",
        "This library did not start Python and must not delay its end without a limit. At exit it"
        " waited for threads inside, and the limit passed. Or holdfast could not end one of its"
        " own sub-interpreters or pools.",
        "HF219 Python exits although threads are still inside:\n"
        "  thread 4711 'uploader', attached 5.2 s ago at upload.cpp:12",
        "Stop the library's threads from atexit, or earlier.",
    ),
    Code(
        "HF220",
        "no memory for a thread state",
        "CPython could not allocate its record of the thread. A later attempt may succeed.",
        "HF220 this thread cannot attach: no memory for a thread state",
        "Free memory or use fewer threads. attach_guard(view, std::nothrow) reports the failure"
        " without throwing.",
    ),
    Code(
        "HF221",
        "a thread would wait for itself",
        "The thread locks a mutex that it already holds, locks a shared_mutex exclusively while it"
        " holds it shared, or re-enters a once_flag from that flag's own initialiser. No other"
        " thread could end the wait.",
        "holdfast::mutex m;\nm.lock();\nm.lock();  // throws HF221",
        "Do the work after unlocking. A shared lock cannot be upgraded: call unlock_shared()"
        " first. The cause is often a __del__ or a weakref callback, which Python may run at any"
        " allocation: in these, only record what has to be done.",
    ),
    Code(
        "HF222",
        "a call took longer than its limit",
        "within() limited the call, and the time is over. Running Python code was interrupted with"
        " holdfast.Interrupted; a call that was still waiting to attach was not made. Code that"
        " blocks in C is interrupted only when it returns to Python.",
        'holdfast::within(200ms, [&] { return price("EUR", book); });  // throws HF222',
        "Allow more time, or do less in one call. deadline_error::traceback() shows where the call"
        " was.",
    ),
    Code(
        "HF223",
        "a limit cannot be enforced",
        "within() needs a thread that watches the limits of its interpreter and interrupts calls."
        " The first call in an interpreter starts that thread. The system refused, because a limit"
        " on the threads of a user or container was reached. The call was not made.",
        "HF223 the limit of 200 ms cannot be kept: the system gives no thread to watch it: Resource"
        " temporarily unavailable",
        "Raise the limit (ulimit -u, the container's limit on processes), or make the call without"
        " within().",
    ),
    Code(
        "HF224",
        "a helper thread could not be started",
        "The host continues without the service that the message names. Without the watchdog's"
        " thread, nothing is reported. finalize() starts a thread to see which threads are attached:"
        " without it, the report has no Python stacks and threads inside are not interrupted. A"
        " thread that attached without holdfast and never detaches may then delay finalize() beyond"
        " its limit.",
        "HF224 cannot start a thread for the watchdog, which also writes the trace file: the system"
        " has no more threads; holdfast continues without it",
        "Raise the limit on threads (ulimit -u, the container's limit on processes).",
    ),
    Code(
        "HF225",
        "Python was finalized by other code",
        "A Py_FinalizeEx() in the host, often left over from a port, ended the Python that a"
        " holdfast::interpreter owns. As at any exit, holdfast first waited for the threads"
        " inside, up to HOLDFAST_EXIT_LIMIT_MS. finalize() reports this in"
        " finalize_report::problem, ~interpreter() on stderr; both do nothing else.",
        "holdfast::interpreter python;\nPyGILState_Ensure();\nPy_FinalizeEx();\n"
        "python.finalize(1s).text();  // HF225 Python has been finalized by a Py_FinalizeEx() ...",
        "Remove the call. finalize() or the destructor ends Python.",
    ),
    Code(
        "HF230",
        "Python could not be started",
        "CPython rejected its configuration or could not load its standard library. The message"
        " contains what CPython said.",
        "HF230 Python could not be started: failed to get the Python codec of the filesystem"
        " encoding (home '/opt/py')",
        "Run holdfast doctor on the built host. Unset PYTHONHOME and PYTHONPATH, which usually"
        " belong to another Python.",
    ),
    Code(
        "HF231",
        "the host was built for another Python than it runs on",
        "Headers and library must have the same minor version and be of the same kind"
        " (free-threaded or not, debug or not). Otherwise the layout of objects differs and the"
        " program fails silently.",
        "HF231 this host was built for CPython 3.12 but runs on CPython 3.13 free-threaded"
        " (3.13.5 experimental free-threading build)",
        "Rebuild it for the Python that it is to run on: holdfast build --python PATH.",
    ),
    Code(
        "HF232",
        "the executable cannot be used",
        "interpreter_config::executable does not exist, or is a folder. It determines where"
        " packages are found and the value of sys.executable.",
        "HF232 cannot use '/home/me/.venv/bin/python', named by interpreter_config::executable:"
        " there is no such file",
        "Name an interpreter that exists, or leave executable empty.",
    ),
    Code(
        "HF233",
        "the virtual environment is of another version",
        "The environment is for another minor version than the libpython of this host, so its"
        " packages do not fit.",
        "HF233 the virtual environment of '/home/me/.venv/bin/python', named by VIRTUAL_ENV, is"
        " for Python 3.11, and this host runs Python 3.12",
        "Recreate the environment with the host's version, or build the host for the environment:"
        " holdfast build --python .venv/bin/python",
    ),
    Code(
        "HF234",
        "home contains no standard library",
        "interpreter_config::home or PYTHONHOME must be the prefix of an installation: the folder"
        " whose lib/pythonX.Y contains encodings and os.py, or whose lib/pythonXY.zip does. A"
        " virtual environment is not one.",
        "HF234 home '/home/me/.venv' has no standard library of Python 3.12 (looked for"
        " lib/python3.12/os.py and lib/python312.zip)",
        "Unset it. To use a virtual environment, set interpreter_config::executable to its python.",
    ),
    Code(
        "HF235",
        "an earlier start failed in this process",
        "CPython cannot undo a start that failed half-way. Trying again is undefined behaviour.",
        "HF235 Python cannot be started: an earlier start failed in this process",
        "Fix the cause of the first failure and start a new process.",
    ),
    Code(
        "HF236",
        "an environment variable names a missing environment",
        "VIRTUAL_ENV or HOLDFAST_PYTHON is set to a path that does not exist. Using another Python"
        " instead would hide the mistake.",
        "HF236 cannot use '/home/me/old-venv/bin/python', named by VIRTUAL_ENV: there is no such"
        " file",
        "Activate an environment that exists, or unset the variable.",
    ),
    Code(
        "HF237",
        "a string in the configuration contains a NUL",
        "CPython and the system end a string at its first NUL. The rest would be lost silently: a"
        " different argument, a different file.",
        "HF237 interpreter_config::argv holds 'secret' with a NUL after it",
        "Cut the string there yourself, or remove the NUL. std::string(array, sizeof array)"
        " includes the NUL at the end of an array.",
    ),
    Code(
        "HF238",
        "the executable belongs to another Python",
        "interpreter_config::executable or HOLDFAST_PYTHON names a Python of another version or"
        " kind than the libpython in this host. It would become sys.executable, and processes"
        " started with it, such as multiprocessing's workers, would not fit. holdfast recognises"
        " the version by the executable's name or by the standard library beside it.",
        "HF238 '/home/me/.pyenv/versions/3.12.1/bin/python3', named by HOLDFAST_PYTHON, is of Python 3.12,"
        " and this host runs Python 3.11",
        "Name an executable of the host's version, or build the host for that Python: holdfast"
        " build --python PATH.",
    ),
    Code(
        "HF239",
        "no debugger can connect to the host",
        "HOLDFAST_DEBUGGER or holdfast debug asked the host to wait for a debugger when it starts"
        " Python. For that, its Python needs the package debugpy, and a port that no other process"
        " listens at. Python has been ended again; the host runs none of its code.",
        "HF239 no debugger can connect: '/home/me/.venv/bin/python' has no debugpy",
        "Install debugpy for the Python that the message names, or name another port: holdfast debug"
        " --listen 5679 HOST.",
    ),
    Code(
        "HF240",
        "a sub-interpreter could not be made",
        "CPython could not create it, most often because there was no memory for another set of"
        " modules. CPython may have printed the cause on stderr.",
        "HF240 a sub-interpreter could not be made: CPython returned no interpreter",
        "Read what CPython printed. Free memory, or use fewer sub-interpreters.",
    ),
    Code(
        "HF241",
        "a sub-interpreter made from another sub-interpreter's view",
        "Sub-interpreters belong to the main interpreter, which waits for them and ends them. The"
        " given view belongs to a sub-interpreter.",
        "holdfast::subinterpreter one(python);\n"
        "holdfast::subinterpreter two(one.view());  // throws HF241",
        "Pass the holdfast::interpreter, or main_view().",
    ),
    Code(
        "HF242",
        "sub-interpreters of other code are left at the end",
        "CPython cannot be ended while there are sub-interpreters. holdfast ends its own; Python"
        " code or another library that made one must end it. All threads were out, and after a"
        " while these sub-interpreters still existed, so ~interpreter() left Python running,"
        " closed. The buffer of sys.stdout was written; atexit functions did not run.",
        "import _interpreters\nleft = _interpreters.create()  # and never _interpreters.destroy(left)",
        "End them where they were made, before the holdfast::interpreter ends: with close() of"
        " Python's interpreters module, or Py_EndInterpreter. Or call finalize(limit) and act on"
        " its report.",
    ),
    Code(
        "HF250",
        "the subinterpreter was moved from",
        "After a move, a holdfast::subinterpreter owns no interpreter: its view is dead, and there"
        " is nothing to finalize or reopen.",
        "holdfast::subinterpreter one(python);\n"
        "holdfast::subinterpreter two(std::move(one));\n"
        "one.finalize(5s);  // throws HF250",
        "Use the object that it was moved to.",
    ),
    Code(
        "HF251",
        "a sub-interpreter ends while threads are inside",
        "Other code is ending a sub-interpreter that it made, while threads are still inside. Up"
        " to 3.13, CPython would end the process, so holdfast waits; it names the threads after"
        " two seconds, then every few seconds. From 3.14 on, CPython goes on after one wait, and"
        " the threads sleep for ever when they come back.",
        "holdfast::attach_guard attached(view);  // of a sub-interpreter of Python's own\n"
        "wait_for_a_request();                   // meanwhile its maker calls Py_EndInterpreter()",
        "Make the threads leave before the interpreter is ended: end their guards when they are"
        " told to stop, and do not wait inside. HOLDFAST_EXIT_LIMIT_MS sets how long each wait"
        " lasts.",
    ),
    Code(
        "HF255",
        "attach inside a tp_traverse function",
        "The garbage collector calls tp_traverse while it counts references. Code that runs Python"
        " or drops a reference at that time corrupts the count, and the process crashes later. A"
        " traverse_scope in the function makes every attach of the thread fail.",
        "int traverse(PyObject *self, visitproc visit, void *arg) {\n"
        "    const holdfast::traverse_scope scope;\n"
        "    holdfast::attach_guard attached;  // throws HF255",
        "In tp_traverse, only visit what the object holds. Do everything else before or after,"
        " e.g. in a method.",
    ),
    Code(
        "HF256",
        "no Python to adopt",
        "interpreter::adopt() makes an object for a Python that is already running. Python was not"
        " started, or has been finalized.",
        "auto python = holdfast::interpreter::adopt();  // throws HF256 before Py_Initialize()",
        "Construct a holdfast::interpreter, which starts Python, or call adopt() after Py_Initialize().",
    ),
    Code(
        "HF257",
        "the interpreter object owns no Python",
        "The object was moved from, or gave Python up with release(). It has nothing to finalize"
        " or reopen.",
        "holdfast::interpreter other(std::move(python));\npython.finalize(5s);  // throws HF257",
        "Use the object that it was moved to. After a release(), use interpreter::adopt().",
    ),
    Code(
        "HF258",
        "configure_init cannot be used here",
        "configure_init gives you PEP 741's PyInitConfig, which CPython has from 3.14 on. A start"
        " uses either that or the PyConfig of configure, not both.",
        "holdfast::interpreter_config config;\nconfig.configure_init = …;\n"
        "holdfast::interpreter python(config);  // throws HF258 on CPython 3.13",
        "Use interpreter_config::configure, which every CPython has, and leave configure_init out.",
    ),
)
