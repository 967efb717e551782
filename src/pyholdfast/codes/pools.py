"""HF300 to HF399: executors and pools. Raised by the C++ headers."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF300",
        "the queue of a pool is full",
        "The pool already has as many waiting tasks as its `capacity` allows, and its `full` is"
        " when_full::fail: submit() fails instead of waiting or dropping another task.",
        "HF300 pool 'scoring' cannot take the task: 1024 are waiting, and its configuration says to"
        " fail then",
        "Submit later, raise the capacity, or make submit() wait with when_full::block.",
    ),
    Code(
        "HF301",
        "the pool is closed",
        "close() refuses further tasks. A pool is also closed when its tasks have ended all of its"
        " threads.",
        "HF301 pool 'scoring' cannot take the task: close() was called",
        "Submit before close(), or create a new pool.",
    ),
    Code(
        "HF302",
        "a task was cancelled",
        "The task was submitted with a cancellation, whose request() was called before the task"
        " had begun. The task did not run.",
        "HF302 the task was cancelled before it began",
        "Catch cancelled_error where you wait for a task that may be cancelled.",
    ),
    Code(
        "HF303",
        "a task was dropped for a newer one",
        "The queue was full, and the pool's `full` is when_full::drop_oldest. The task that had"
        " waited longest was removed and did not run.",
        "HF303 the task was dropped by pool 'frames' for a newer one: its queue was full",
        "This is expected if only the newest tasks matter. Otherwise use when_full::block.",
    ),
    Code(
        "HF304",
        "a task ended its thread",
        "The task called pthread_exit(), or its thread was cancelled. The pool now has one thread"
        " less. When the last thread is gone, waiting tasks also get this error.",
        "HF304 the task ended its thread (pthread_exit or pthread_cancel) instead of returning",
        "Return from the task, or throw. The threads belong to the pool.",
    ),
    Code(
        "HF305",
        "a task would wait for its own pool",
        "A thread of the pool called drain(), or submit() with a full queue, and would wait for"
        " tasks that wait for it. holdfast::get() and waits for other pools give the same code"
        " when tasks wait for each other in a circle: a task is waited for that is queued in a"
        " pool whose threads all wait this way, or is running on a thread that does. The call that"
        " would complete the circle is refused. holdfast does not see waits with"
        " std::future::get(), with a lock or with a limit. Tasks that can still end through a"
        " cancellation, or because their queue drops its oldest task, are not counted as part of a"
        " circle.",
        "HF305 drain() was called by a task of pool 'scoring', which it would wait for",
        "Wait on the thread that submits, or give the inner tasks their own pool. A task that"
        " submits tasks needs when_full::fail, or a queue with room for them.",
    ),
    Code(
        "HF306",
        "a pool has no threads after a fork",
        "fork() copies only the calling thread. The pool's threads do not exist in the child, so"
        " the task would never run.",
        "HF306 pool 'scoring' has no threads in this process, which was forked from its own",
        "Create a pool in the child, after the fork.",
    ),
    Code(
        "HF307",
        "a module refuses sub-interpreters",
        "The module, or a module that it imports, is written in C and has state that all"
        " interpreters of the process would share. CPython imports such modules, numpy and many"
        " others among them, only if all interpreters share one GIL. The exception is Python's"
        " ImportError. CPython 3.12 runs the module's initialisation before it refuses it, and may"
        " crash later unless the main interpreter has imported the module: holdfast imports the"
        " modules listed in subinterpreter_config there first, and _datetime, _decimal and"
        " _ctypes.",
        "HF307 module '_pickle_fast' refuses sub-interpreters with a GIL of their own: ImportError:"
        " module _pickle_fast does not support loading in subinterpreters",
        "Use the module in the main interpreter, with an executor, which uses all cores on a"
        " free-threaded build, or in processes with a remote_executor. Or give the sub-interpreter"
        " a shared GIL (subinterpreter_config), if the module can be loaded twice in a process.",
    ),
    Code(
        "HF311",
        "the destructor of a pool waits",
        "A pool waits for its submitted tasks. Every three seconds it names on stderr the tasks"
        " that it still waits for.",
        "holdfast: HF311 the destructor of pool 'scoring' waits; 2 tasks are waiting\n"
        "  thread 4711 'scoring-0', at a task for 3.0 s",
        "Find out what the thread is doing, e.g. with py-spy. Give the task its own time limit, or"
        " call drain(limit) first and decide what to do.",
    ),
    Code(
        "HF312",
        "a call failed, and nobody can get its exception",
        "A task, a remote or isolated call, or a coroutine raised an exception after its future"
        " had been destroyed without get(). It is reported once a second at most; the others are"
        " counted. A future that is destroyed after the call has failed is only noticed for"
        " coroutines of Python. With libc++ and MSVC only these are noticed at all.",
        "holdfast: HF312 a task of a pool failed, and nobody can get its exception: ValueError: no"
        " such row",
        "Keep the future and call get(), or catch the exception within the call.",
    ),
    Code(
        "HF320",
        "the engine of a remote_executor gave up a call",
        "A worker died during the call (killed, out of memory, a crash), the scheduler"
        " disappeared, or the engine has been refusing work since then. The text comes from the"
        " engine. The engine also decides about other calls: Dask runs them elsewhere, while a"
        " ProcessPoolExecutor and loky give up all calls they had.",
        "HF320 the engine gave up app.predict(): concurrent.futures.process.BrokenProcessPool: A"
        " process in the process pool was terminated abruptly",
        "Read the workers' logs. Submit the call again; if the engine is broken, create a new one.",
    ),
    Code(
        "HF321",
        "a remote call took too long",
        "`remote_config::limit` passed between submit() and the result. The engine was asked to"
        " cancel the call. A worker that has begun may go on; its result is dropped.",
        "HF321 app.predict() had no result within 30000 ms",
        "Raise the limit if the call may take that long, including the time it waits for a worker."
        " Otherwise check that the engine still works.",
    ),
    Code(
        "HF322",
        "the result of a remote call cannot be pickled",
        "The function returned a value that cannot leave the worker: a lock, an open file, a"
        " lambda, or an object that contains one of these. The worker is still usable.",
        "HF322 the result of app.predict() cannot be sent back: TypeError: cannot pickle"
        " '_thread.lock' object",
        "Return values that can be pickled: numbers, text, bytes, lists of them, plain classes.",
    ),
    Code(
        "HF323",
        "the result of a remote call cannot be read here",
        "The result arrived, but the host could not unpickle it. Usually the module that defines"
        " its class is not installed there.",
        "HF323 the result of app.predict() cannot be read here: ModuleNotFoundError: No module"
        " named 'models'",
        "Make the module importable in the host, too, or return plain values.",
    ),
    Code(
        "HF324",
        "a worker has no such function",
        "Workers look up a typed function by module and name. The worker could not import the"
        " module, or the module has no such function there.",
        "HF324 a worker cannot find app.predict(): ModuleNotFoundError: No module named 'app'",
        "Install the module where the workers run, add it to their PYTHONPATH, or send it (Dask:"
        " client.upload_file).",
    ),
    Code(
        "HF325",
        "a worker cannot read the arguments",
        "The worker could not unpickle the arguments. Usually the module that defines the class of"
        " one of them is not installed there.",
        "HF325 a worker cannot read the arguments of app.predict(): ModuleNotFoundError: No module"
        " named 'models'",
        "Make the modules that define the arguments' types importable where the workers run.",
    ),
    Code(
        "HF326",
        "the engine is not an executor",
        "remote_executor works with any object that has submit(function, *arguments) returning a"
        " future with add_done_callback(). The given object has no submit().",
        "HF326 remote_executor was given an object of type 'int', which has no submit()",
        "Pass an object with the interface of concurrent.futures.Executor, e.g."
        " ProcessPoolExecutor(4), or Client(...).get_executor() of Dask.",
    ),
    Code(
        "HF340",
        "an object cannot be pickled",
        "Objects are pickled to pass them from one interpreter to another. This one is tied to its"
        " process or interpreter: a lock, a file, a generator, a lambda.",
        "HF340 holdfast::pickled() argument 1: cannot be pickled: PicklingError: Can't pickle"
        " <function <lambda>>",
        "Pass plain values, or create the object inside the task.",
    ),
    Code(
        "HF341",
        "an object cannot be unpickled",
        "pickle stores the location of an object's class, not the class itself. The receiving"
        " interpreter could not import it. A class defined in __main__ of one interpreter does not"
        " exist in __main__ of another.",
        "HF341 app.total() argument 1: cannot be unpickled: AttributeError: Can't get attribute"
        " 'Here' on <module '__main__'>",
        "Define the class in a module that both interpreters can import.",
    ),
)
