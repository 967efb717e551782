"""HF200 to HF299: attach, start and finalize. Raised by the C++ headers."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF201",
        "attach before Python was started",
        "A thread wants to attach, and this process has no interpreter yet. The gate opens only"
        " when the interpreter is ready, so a thread that is quicker than the start is refused.",
        "std::thread early([] { holdfast::attach_guard attached; });  // throws HF201\n"
        "holdfast::interpreter python;",
        "Construct the holdfast::interpreter before the threads that use it. An extension module"
        " or plug-in attaches only in a process that runs Python.",
    ),
    Code(
        "HF202",
        "attach while the interpreter is finalizing",
        "finalize() has closed the gate: threads that are inside may finish, newcomers are"
        " refused. Without that, threads that keep coming would hold the end up for ever.",
        "python.finalize(5s);  // meanwhile, on another thread:\n"
        "holdfast::attach_guard attached(view);  // throws HF202",
        "Join the thread before finalize(), or use attach_guard(view, std::nothrow) and stop"
        " working when it is false.",
    ),
    Code(
        "HF203",
        "attach after the interpreter was finalized",
        "Python has ended in this process; there is nothing to attach to. What needs an attach, such"
        " as a pool's submit() or object::get(), is refused with the same code, and says what it was. So does"
        " the future of a task that Python's end has cut off.",
        "python.finalize(5s);\nholdfast::attach_guard attached(view);  // throws HF203",
        "End threads that use Python before finalize(), or let them test"
        " attach_guard(view, std::nothrow).",
    ),
    Code(
        "HF204",
        "the view is of an earlier interpreter",
        "The interpreter that the view was taken of has ended, and another has been started"
        " since. Objects and modules of the old one are gone, so an old view never leads into"
        " the new interpreter.",
        "auto view = first.view();\nfirst.finalize(5s);\nholdfast::interpreter second;\n"
        "holdfast::attach_guard attached(view);  // throws HF204",
        "Take a new view: second.view(), or holdfast::main_view().",
    ),
    Code(
        "HF205",
        "attach in a forked child",
        "The process was forked by plain fork() while threads used Python. In the child those"
        " threads do not exist, and the locks they held stay locked, so Python cannot be used.",
        "if (fork() == 0)\n    holdfast::attach_guard attached;  // throws HF205",
        "Call exec in the child, or fork from Python (os.fork), or put PyOS_BeforeFork and"
        " PyOS_AfterFork_Child around the fork. For workers, use processes started afresh.",
    ),
    Code(
        "HF210",
        "finalize on another thread than the one that started Python",
        "CPython ties its main thread to the one that started it: signals, threading's"
        " bookkeeping and the end itself belong there. Nothing was touched.",
        "holdfast::interpreter python;\nstd::thread([&] { python.finalize(5s); });  // throws HF210",
        "Call finalize() on the thread that constructed the interpreter; let others ask it to.",
    ),
    Code(
        "HF211",
        "finalize would wait for the caller itself",
        "The calling thread holds a guard, so it counts as inside, and finalize() waits until"
        " nobody is inside.",
        "holdfast::interpreter_guard keep(python.view());\npython.finalize(5s);  // throws HF211",
        "Let the guard end first: put it into a scope of its own, closed before finalize().",
    ),
    Code(
        "HF212",
        "finalize was called from inside Python",
        "There are Python frames below the call: Python called this C++ function. The"
        " interpreter cannot be taken down while it executes.",
        "a callback that Python calls does: python.finalize(5s);  // throws HF212",
        "Set a flag in the callback, return to Python, and call finalize() when the outermost"
        " call has returned.",
    ),
    Code(
        "HF213",
        "a guard or a lock ended out of order, or on another thread",
        "Guards of a thread nest: the last one made must be the first to end. One that outlives"
        " its neighbour leaves the thread attached to the wrong interpreter. A holdfast::mutex, or a"
        " shared_mutex that is locked alone, is unlocked by the thread that locked it. Debug builds"
        " check both, and abort.",
        "auto outer = std::make_unique<holdfast::attach_guard>();\n"
        "auto inner = std::make_unique<holdfast::detach_guard>();\nouter.reset();  // HF213",
        "Make guards plain local variables. To keep an interpreter alive for longer than a"
        " scope, hold an interpreter_guard. Lock by std::lock_guard or std::unique_lock.",
    ),
    Code(
        "HF214",
        "a second interpreter while one runs",
        "A process has one main interpreter, and this one is running.",
        "holdfast::interpreter one;\nholdfast::interpreter two;  // throws HF214",
        "Use views of the first one; for isolation, use holdfast::subinterpreter.",
    ),
    Code(
        "HF215",
        "Python runs already, and no interpreter object has it",
        "Py_Initialize or a like call was made in this process, or the process is a Python that"
        " loaded this code as an extension. Whoever started Python also ends it. Or a"
        " holdfast::interpreter started it, and was released.",
        "Py_Initialize();\nholdfast::interpreter python;  // throws HF215",
        "Do not construct an interpreter here: attach_guard and main_view() work with the one"
        " that runs, and interpreter::adopt() makes an object that can finalize it. Or start Python by"
        " holdfast::interpreter only.",
    ),
    Code(
        "HF216",
        "not attached where it is required",
        "The call needs a thread that is attached: it touches Python objects or asks for the"
        " current interpreter.",
        "auto view = holdfast::current_view();  // throws HF216 on a detached thread",
        "Make an attach_guard first, in the same scope.",
    ),
    Code(
        "HF217",
        "reopen of an interpreter that is not closed",
        "reopen() takes back a finalize() whose limit passed. The interpreter is open, or has"
        " already ended.",
        "holdfast::interpreter python;\npython.reopen();  // throws HF217",
        "Call it only after finalize() returned a report with finalized == false.",
    ),
    Code(
        "HF218",
        "the destructor of the interpreter waits",
        "No destructor may throw or give up, so ~interpreter() waits until nobody is inside,"
        " and names those it waits for every few seconds.",
        "HF218 ~interpreter waits for what is still inside:\n"
        "thread 4711 'decoder-1': decoder.cpp:12",
        "Call finalize(limit) before the destructor and act on its report; end or join the"
        " threads named.",
    ),
    Code(
        "HF219",
        "threads were still inside at exit",
        "This library did not start Python and cannot hold its end up without a limit. At exit"
        " it waited for threads inside, and the limit passed; or a sub-interpreter or a pool of"
        " holdfast's could not be ended.",
        "HF219 Python exits although threads are still inside:\n"
        "  thread 4711 'uploader', attached 5.2 s ago at upload.cpp:12",
        "Stop the library's threads from atexit, or earlier.",
    ),
    Code(
        "HF220",
        "no memory for a thread state",
        "CPython could not allocate the record it needs for a thread. A later attempt may succeed.",
        "HF220 this thread cannot attach: no memory for a thread state",
        "Free memory or use fewer threads; attach_guard(view, std::nothrow) tells without"
        " throwing.",
    ),
    Code(
        "HF221",
        "a thread would wait for itself",
        "The thread wants a mutex that it holds already, wants a shared_mutex alone that it has"
        " shared, or the initialiser of a once_flag comes back to its own flag. Nobody else could"
        " ever end the wait.",
        "holdfast::mutex m;\nm.lock();\nm.lock();  // throws HF221",
        "Do the work after the lock is released. A shared lock cannot be upgraded: unlock_shared()"
        " first. Often it is a __del__ or a weakref callback that"
        " comes back: Python runs them at any allocation, so let them only take a note.",
    ),
    Code(
        "HF222",
        "a call took longer than its limit",
        "within() gave the call a limit, and the time is over. Python code that was running has been"
        " interrupted by holdfast.Interrupted; a call that was still waiting to attach was not made."
        " Code blocked in C is interrupted only when it comes back.",
        'holdfast::within(200ms, [&] { return price("EUR", book); });  // throws HF222',
        "Give it more time, or let the Python code do less in one call. deadline_error::traceback()"
        " says where it was.",
    ),
    Code(
        "HF223",
        "a limit cannot be kept",
        "within() needs a thread that watches the limits of its interpreter and interrupts the calls"
        " there. The first call in an interpreter starts it, and the system refused: a limit on the"
        " threads of a user or container is reached. The call was not made.",
        "HF223 the limit of 200 ms cannot be kept: the system gives no thread to watch it: Resource"
        " temporarily unavailable",
        "Raise the limit (ulimit -u, the container's limit on processes), or make the call without"
        " within().",
    ),
    Code(
        "HF224",
        "a helper thread could not be started",
        "The host goes on without what the thread was for, which the message names. Without a"
        " watchdog nothing is reported. finalize() sends a thread to look who is attached:"
        " without it the report has no Python stacks, those inside are not interrupted, and a thread"
        " that attached without holdfast and never lets go may hold finalize() up beyond its limit.",
        "HF224 no thread for the watchdog, which keeps the trace's time, too: the host goes on"
        " without: the system has no more",
        "Raise the limit on threads (ulimit -u, the container's limit on processes).",
    ),
    Code(
        "HF225",
        "Python was finalized by somebody else",
        "A Py_FinalizeEx() of the host's, often a left-over of a port, has ended the Python that a"
        " holdfast::interpreter owns. At that moment holdfast waited for the threads inside as at any"
        " exit, up to HOLDFAST_EXIT_LIMIT_MS. finalize() reports this in"
        " finalize_report::problem, ~interpreter() on stderr; both touch nothing.",
        "holdfast::interpreter python;\nPyGILState_Ensure();\nPy_FinalizeEx();\n"
        "python.finalize(1s).text();  // HF225 Python has been finalized by a Py_FinalizeEx() ...",
        "Remove the call. finalize() or the destructor ends Python.",
    ),
    Code(
        "HF230",
        "Python could not be started",
        "CPython refused its configuration or could not load its own standard library; the"
        " message carries what CPython said.",
        "HF230 Python could not be started: failed to get the Python codec of the filesystem"
        " encoding (home '/opt/py')",
        "Run holdfast doctor on the built host. Unset PYTHONHOME and PYTHONPATH; they mean"
        " another Python more often than not.",
    ),
    Code(
        "HF231",
        "built for another Python than it is started on",
        "Headers and library must be of the same minor version and the same kind (free-threaded"
        " or not, debug or not). Otherwise objects have another layout, and the program goes"
        " wrong in silence.",
        "HF231 this host was built for Python 3.12 and started on Python 3.13 free-threaded",
        "Build it again for the Python it shall run on: holdfast build --python PATH.",
    ),
    Code(
        "HF232",
        "the executable cannot be used",
        "interpreter_config::executable, or the Python that holdfast run chose, is not there or"
        " cannot be run. It decides which packages are found and what sys.executable is.",
        "HF232 the Python to run on is not there: '/home/me/.venv/bin/python'",
        "Name an interpreter that exists, or leave executable empty.",
    ),
    Code(
        "HF233",
        "the virtual environment is of another version",
        "The environment was made by another minor version than the libpython inside this host,"
        " so its packages do not fit.",
        "HF233 '/home/me/.venv' is an environment of Python 3.11, this host contains 3.12",
        "Make the environment again with the host's version, or build the host for the"
        " environment: holdfast build --python .venv/bin/python",
    ),
    Code(
        "HF234",
        "home holds no standard library",
        "interpreter_config::home or PYTHONHOME must be the prefix of an installation: the"
        " folder whose lib/pythonX.Y holds encodings and os.py, or whose lib/pythonXY.zip does. A"
        " virtual environment is not.",
        "HF234 home '/home/me/.venv' has no standard library of Python 3.12 (looked for"
        " lib/python3.12/os.py and lib/python312.zip)",
        "Unset it. To use a virtual environment, set interpreter_config::executable to its python.",
    ),
    Code(
        "HF235",
        "an earlier start failed in this process",
        "CPython does not take back a start that failed half-way; trying again is undefined.",
        "HF235 Python cannot be started: an earlier start failed in this process",
        "End the process and start a new one with the cause of the first failure repaired.",
    ),
    Code(
        "HF236",
        "an environment variable names a missing environment",
        "VIRTUAL_ENV or HOLDFAST_PYTHON is set, and what it names is not there. Running on"
        " another Python instead would hide the mistake.",
        "HF236 VIRTUAL_ENV names an environment that is not there: '/home/me/old-venv'",
        "Activate an environment that exists, or unset the variable.",
    ),
    Code(
        "HF237",
        "a text of the configuration holds a NUL",
        "CPython and the system end a text at its first NUL. What follows would be lost in silence:"
        " another argument, another file.",
        "HF237 interpreter_config::argv holds 'secret' with a NUL after it",
        "Cut the text there yourself, or take out the NUL. std::string(array, sizeof array) takes in"
        " the one that ends an array.",
    ),
    Code(
        "HF238",
        "the executable is of another Python",
        "interpreter_config::executable or HOLDFAST_PYTHON names the Python of another version or kind than"
        " the libpython inside this host. sys.executable would be that one: what is started by it, such as"
        " multiprocessing's children, would not fit. It is recognised by its name, or by the"
        " standard library beside it.",
        "HF238 '/home/me/.pyenv/versions/3.12.1/bin/python3', named by HOLDFAST_PYTHON, is of Python 3.12,"
        " and this host runs Python 3.11",
        "Name the executable of a Python of the host's version, or build the host for that one:"
        " holdfast build --python PATH.",
    ),
    Code(
        "HF240",
        "a sub-interpreter could not be made",
        "CPython refused to make it; the message carries its reason. Making one needs memory for"
        " a second set of modules, and its own GIL needs Python 3.12 or later.",
        "HF240 a sub-interpreter could not be made: sub-interpreters with a GIL of their own need"
        " Python 3.12",
        "Use a newer Python, ask for a shared GIL in subinterpreter_config, or use fewer"
        " sub-interpreters.",
    ),
    Code(
        "HF241",
        "a sub-interpreter made from another sub-interpreter's view",
        "Sub-interpreters belong to the main interpreter, which waits for them and ends them. The"
        " view that was given is of one of them.",
        "holdfast::subinterpreter one(python);\n"
        "holdfast::subinterpreter two(one.view());  // throws HF241",
        "Pass the holdfast::interpreter, or main_view().",
    ),
    Code(
        "HF242",
        "others' sub-interpreters are left at the end",
        "CPython cannot be ended while there are sub-interpreters. holdfast ends its own; those that"
        " Python code or another library has made are theirs to end. When all others were out, and"
        " after a while these were still there, ~interpreter() left Python running, closed."
        " What sys.stdout held back was written; atexit functions did not run.",
        "import _interpreters\nleft = _interpreters.create()  # and never _interpreters.destroy(left)",
        "End them where they were made, before the holdfast::interpreter ends: with close() of"
        " Python's interpreters module, or Py_EndInterpreter. Or call finalize(limit) and act on its"
        " report.",
    ),
    Code(
        "HF250",
        "a subinterpreter that was moved from",
        "A holdfast::subinterpreter owns an interpreter until it is moved from. Then it owns"
        " nothing: its view is dead, and there is nothing to finalize or reopen.",
        "holdfast::subinterpreter one(python);\n"
        "holdfast::subinterpreter two(std::move(one));\n"
        "one.finalize(5s);  // throws HF250",
        "Use the object that it was moved to.",
    ),
    Code(
        "HF251",
        "a sub-interpreter ends while threads are inside",
        "A sub-interpreter that holdfast did not make is being ended by its maker, and threads are"
        " still inside. Up to 3.13 CPython would end the process for that, so holdfast waits,"
        " and says for whom after two seconds, then every few seconds. From 3.14 on CPython goes on"
        " after one wait, and the threads sleep for ever when they come back.",
        "holdfast::attach_guard attached(view);  // of a sub-interpreter of Python's own\n"
        "wait_for_a_request();                   // meanwhile its maker calls Py_EndInterpreter()",
        "Let the threads leave before the interpreter is ended: end their guards when they are told"
        " to stop, and do not wait inside. HOLDFAST_EXIT_LIMIT_MS sets how long a wait lasts.",
    ),
    Code(
        "HF255",
        "attach within a tp_traverse function",
        "The garbage collector calls tp_traverse while it counts references. Whatever runs Python or drops a"
        " reference then spoils its count, and the process crashes later. A traverse_scope in the function"
        " has every attach of the thread refused.",
        "int traverse(PyObject *self, visitproc visit, void *arg) {\n"
        "    const holdfast::traverse_scope scope;\n"
        "    holdfast::attach_guard attached;  // throws HF255",
        "Only visit in tp_traverse what the object holds; do the rest before or after, e.g. in a method.",
    ),
    Code(
        "HF256",
        "no Python to adopt",
        "interpreter::adopt() makes an object for a Python that runs already, and none does: it was not"
        " started, or has been finalized.",
        "auto python = holdfast::interpreter::adopt();  // throws HF256 before Py_Initialize()",
        "Construct a holdfast::interpreter, which starts Python, or call adopt() after Py_Initialize().",
    ),
    Code(
        "HF257",
        "the interpreter object holds no Python",
        "The object was moved from, or gave Python up by release(). Nothing is left that it could"
        " finalize or open again.",
        "holdfast::interpreter other(std::move(python));\npython.finalize(5s);  // throws HF257",
        "Use the object that it was moved to; after a release(), interpreter::adopt().",
    ),
    Code(
        "HF258",
        "configure_init cannot be used here",
        "configure_init hands out PEP 741's PyInitConfig. CPython has that from 3.14 on, and one start"
        " uses either that or the PyConfig of configure.",
        "holdfast::interpreter_config config;\nconfig.configure_init = …;\n"
        "holdfast::interpreter python(config);  // throws HF258 on CPython 3.13",
        "Use interpreter_config::configure, which every CPython has, and leave configure_init out.",
    ),
)
