"""HF300 to HF399: executors and pools. Raised by the C++ headers."""

from __future__ import annotations

from holdfast.codes.model import Code

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
        " would wait for tasks that wait for it.",
        "HF305 drain() was called by a task of pool 'scoring', which it would wait for",
        "Let the thread that submits wait. A task that submits tasks needs when_full::fail, or a"
        " queue with room for them.",
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
        " raised.",
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
