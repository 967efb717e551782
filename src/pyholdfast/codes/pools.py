"""HF300 to HF399: executors and pools. Raised by the C++ headers."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF300",
        "the queue of a pool is full",
        "As many tasks wait as the pool's `capacity` says, and its `full` is when_full::fail:"
        " whoever submits is told, instead of waiting or of pushing out another task.",
        "HF300 pool 'scoring' cannot take the task: 1024 are waiting, and its configuration says to"
        " fail then",
        "Submit later, raise the capacity, or let submit() wait: when_full::block.",
    ),
    Code(
        "HF301",
        "the pool is closed",
        "close() refuses further tasks; the same holds once all threads of the pool were ended by"
        " their tasks.",
        "HF301 pool 'scoring' cannot take the task: close() was called",
        "Submit before close(), or make a new pool.",
    ),
    Code(
        "HF302",
        "a task was cancelled",
        "request() of the cancellation that the task was submitted with came before the task had"
        " begun. It was not run.",
        "HF302 the task was cancelled before it began",
        "Catch cancelled_error where you wait for what you may have cancelled.",
    ),
    Code(
        "HF303",
        "a task was dropped for a newer one",
        "The queue was full, and the pool's `full` is when_full::drop_oldest: the task that had"
        " waited longest was taken out, and never ran.",
        "HF303 the task was dropped by pool 'frames' for a newer one: its queue was full",
        "Expect this where only the newest tasks matter; else use when_full::block.",
    ),
    Code(
        "HF304",
        "a task ended its thread",
        "The task called pthread_exit(), or its thread was cancelled. The pool has one thread less"
        " from then on; when the last has gone, the tasks that wait get this error, too.",
        "HF304 the task ended its thread (pthread_exit or pthread_cancel) instead of returning",
        "Return from the task, or throw. The threads belong to the pool.",
    ),
    Code(
        "HF305",
        "a task would wait for its own pool",
        "drain(), or submit() with a full queue, was called by a thread of the pool itself. It"
        " would wait for tasks that wait for it. The same code stands for holdfast::get(), and for a"
        " wait for another pool, where tasks wait for each other in a circle: what is waited for is"
        " queued in a pool whose threads all wait so, or is being done by a thread that does. The"
        " call that would complete the circle is refused. Not found is a wait by std::future::get(),"
        " by a lock or with a limit. Tasks that a cancellation, or a queue that drops its oldest, may"
        " still end are no part of a circle.",
        "HF305 drain() was called by a task of pool 'scoring', which it would wait for",
        "Let the thread that submits wait, or give the inner tasks a pool of their own. A task that"
        " submits tasks needs when_full::fail, or a queue with room for them.",
    ),
    Code(
        "HF306",
        "a pool has no threads after a fork",
        "fork() copies the calling thread only. In the child the pool's threads do not exist, and"
        " nobody would ever do the task.",
        "HF306 pool 'scoring' has no threads in this process, which was forked from its own",
        "Make a pool in the child, after the fork.",
    ),
    Code(
        "HF307",
        "a module refuses sub-interpreters",
        "The module, or one that it needs, is written in C with state that all interpreters of the"
        " process would share. CPython imports such modules only where all interpreters share one"
        " GIL; numpy and many others are among them. The exception is the ImportError that Python"
        " raised. CPython 3.12 runs such a module's initialisation before it refuses it, and may crash"
        " later, unless the main interpreter has it: holdfast imports what subinterpreter_config lists"
        " there first, and _datetime, _decimal and _ctypes.",
        "HF307 module '_pickle_fast' refuses sub-interpreters with a GIL of their own: ImportError:"
        " module _pickle_fast does not support loading in subinterpreters",
        "Use the module in the main interpreter: by an executor, which uses all cores on a"
        " free-threaded build, or in processes by a remote_executor. Or give the sub-interpreter a"
        " shared GIL (subinterpreter_config), if the module can bear being there twice.",
    ),
    Code(
        "HF311",
        "the destructor of a pool waits",
        "A pool waits for the tasks that were submitted. What takes longer than three seconds is"
        " named on stderr, and again every three seconds.",
        "holdfast: HF311 the destructor of pool 'scoring' waits; 2 tasks are waiting\n"
        "  thread 4711 'scoring-0', at a task for 3.0 s",
        "Look at what the thread does, e.g. by holdfast doctor or py-spy; give the task a time"
        " limit of its own, or call drain(limit) before and decide.",
    ),
    Code(
        "HF320",
        "the engine of a remote_executor gave a call up",
        "A worker died in the middle of the call (killed, out of memory, a crash), the scheduler"
        " went away, or the engine refuses further work since. The text is the engine's own."
        " Whether other calls go on is the engine's decision: Dask does them elsewhere, a"
        " ProcessPoolExecutor and loky give up all they had.",
        "HF320 the engine gave up app.predict(): concurrent.futures.process.BrokenProcessPool: A"
        " process in the process pool was terminated abruptly",
        "Look into the workers' own logs. Submit it again; where the engine is broken, make a new"
        " one.",
    ),
    Code(
        "HF321",
        "a remote call took too long",
        "`remote_config::limit` passed between submit() and the result. The engine was asked to"
        " cancel the call; a worker that has begun may go on, and its result is dropped.",
        "HF321 app.predict() had no result within 30000 ms",
        "Raise the limit if the call may take that long, counting the time it waits for a worker;"
        " else see whether the engine still works.",
    ),
    Code(
        "HF322",
        "the result of a remote call cannot be pickled",
        "The function returned, but what it returned cannot leave the worker: a lock, an open"
        " file, a lambda, an object that holds one of them. The worker is unharmed.",
        "HF322 the result of app.predict() cannot be sent back: TypeError: cannot pickle"
        " '_thread.lock' object",
        "Return what pickle can write: numbers, text, bytes, lists of them, plain classes.",
    ),
    Code(
        "HF323",
        "the result of a remote call cannot be read here",
        "It arrived, but unpickling it failed in the host, most often because the module that"
        " defines its class is not installed there.",
        "HF323 the result of app.predict() cannot be read here: ModuleNotFoundError: No module"
        " named 'models'",
        "Make the module importable in the host, too, or return plain values.",
    ),
    Code(
        "HF324",
        "a worker has no such function",
        "A typed function goes to the workers by its module and name. The worker could not import"
        " the module, or the module has nothing of that name there.",
        "HF324 a worker cannot find app.predict(): ModuleNotFoundError: No module named 'app'",
        "Install the module where the workers run, put it on their PYTHONPATH, or send it"
        " (Dask: client.upload_file).",
    ),
    Code(
        "HF325",
        "a worker cannot read the arguments",
        "Unpickling the arguments failed in the worker, most often because the module that defines"
        " the class of an object among them is not installed there.",
        "HF325 a worker cannot read the arguments of app.predict(): ModuleNotFoundError: No module"
        " named 'models'",
        "Make the modules of the arguments' types importable where the workers run.",
    ),
    Code(
        "HF326",
        "the engine is no executor",
        "remote_executor works with anything that has submit(function, *arguments) and returns a"
        " future with add_done_callback(). The object that it was given has no submit().",
        "HF326 remote_executor was given an object of type 'int', which has no submit()",
        "Give an object with the interface of concurrent.futures.Executor, e.g."
        " ProcessPoolExecutor(4), or Client(...).get_executor() of Dask.",
    ),
    Code(
        "HF340",
        "an object cannot be pickled",
        "An object crosses from one interpreter to another as bytes that pickle makes of it. This"
        " one is tied to its process or interpreter: a lock, a file, a generator, a lambda.",
        "HF340 holdfast::pickled() argument 1: cannot be pickled: PicklingError: Can't pickle"
        " <function <lambda>>",
        "Pass plain values, or let the task make the object where it runs.",
    ),
    Code(
        "HF341",
        "an object cannot be unpickled",
        "pickle stores where an object's class is defined, not the class. The interpreter that"
        " takes the object could not import it; what was defined in __main__ of one interpreter"
        " is not in that of another.",
        "HF341 app.total() argument 1: cannot be unpickled: AttributeError: Can't get attribute"
        " 'Here' on <module '__main__'>",
        "Define the class in a module that both interpreters can import.",
    ),
)
