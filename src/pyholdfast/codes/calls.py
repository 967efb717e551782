"""HF400 to HF499: calling Python from C++. Raised by the C++ headers."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF400",
        "Python raised an exception",
        "The Python code that was called raised and nothing in it caught the exception.",
        "HF400 ValueError: could not convert string to float: 'x'",
        "Read traceback() of the python_error; catch it where the call is made if it is an"
        " expected outcome.",
    ),
    Code(
        "HF401",
        "an argument has the wrong type",
        "The Python function asked for one type, or the conversion wanted one, and got another."
        " The message names the argument, the type wanted and the type found.",
        "HF401 scoring.score() argument 2: wanted int, found str",
        "Change the signature in function<...>, or convert before the call.",
    ),
    Code(
        "HF402",
        "an integer does not fit",
        "Python's integers have no limit, C++'s have. holdfast never cuts a number off.",
        "HF402 result of app.count(): 5000000000 does not fit into int32_t",
        "Use a wider type in the signature, e.g. std::int64_t.",
    ),
    Code(
        "HF403",
        "the result has the wrong type",
        "The Python function returned something that the C++ signature does not say.",
        "HF403 result of scoring.score(): wanted float, found NoneType",
        "Correct the signature, or let the Python function return what its hint says;"
        " std::optional takes None.",
    ),
    Code(
        "HF404",
        "the module or function is not there",
        "The module cannot be imported, or has no attribute of that name.",
        "HF404 module 'scoring' has no function 'scroe'",
        "Check the spelling and sys.path: interpreter_config::module_search_paths puts folders"
        " in front of it.",
    ),
    Code(
        "HF405",
        "the name is not callable",
        "The module has such an attribute, but it cannot be called.",
        "HF405 'app.LIMIT' is not callable: it is int",
        "Name a function, class or other callable; read a plain value with eval<T>.",
    ),
    Code(
        "HF406",
        "an argument was left out before one that needs its place",
        "Arguments that may be left out can only be followed by arguments that are passed by"
        " name; one that is passed by position would move into the gap.",
        "HF406 app.scale(): argument 2 was left out, but argument 3, which is passed by position,"
        " was given",
        "Give the later arguments their names when the function is constructed.",
    ),
    Code(
        "HF407",
        "a thread was ended inside a function that Python called",
        "pthread_exit() or a cancellation unwinds the thread's frames, and some of them are"
        " Python's: it cannot be unwound. The thread is detached and stopped where it is, so that"
        " the others go on.",
        "HF407 thread 4711 was ended (pthread_exit) within a C++ function that Python called; it is"
        " stopped instead",
        "Return from the function, and end the thread after Python has returned. Do not cancel"
        " threads that run Python.",
    ),
    Code(
        "HF408",
        "the object belongs to another interpreter",
        "Each interpreter of a process has objects of its own; one must not reach into another,"
        " where they would be counted and freed by the wrong one.",
        "HF408 app.score() argument 1: the object belongs to another interpreter",
        "Pass plain values between interpreters: str, bytes, numbers.",
    ),
    Code(
        "HF409",
        "a naive date and time stands for no moment",
        "A datetime without tzinfo says nothing of where its clock hangs, so it cannot be compared"
        " with a system clock.",
        "HF409 a naive date_time stands for no moment",
        "Give the date_time a utc_offset, or let Python make the datetime with a tzinfo, e.g."
        " datetime.now(timezone.utc).",
    ),
    Code(
        "HF410",
        "an array does not have that shape",
        "A view of an array was asked for as something else than it is: with other dimensions, or"
        " as contiguous where its elements have gaps between them.",
        "HF410 wanted array of float64 of 2 dimensions, writable, found 6 elements with shape (2, 4)",
        "Give the shape that the memory has; let Python copy what is not contiguous, e.g. by"
        " numpy.ascontiguousarray().",
    ),
    Code(
        "HF411",
        "the generator has not returned yet",
        "What a generator returns is known when it has ended, after its last item.",
        "HF411 the generator has not returned yet",
        "Take its items until there are none, then ask for result().",
    ),
    Code(
        "HF412",
        "a task was waited for on the event loop's own thread",
        "All coroutines of an interpreter run on one thread. C++ code that such a coroutine called"
        " waited for another one, which could begin only after it had returned.",
        "HF412 a task was waited for on the event loop's own thread, which must run it",
        "Use then(), or wait on another thread; in Python, await it.",
    ),
    Code(
        "HF413",
        "no function for Python's output",
        "redirect_output() hands lines to a function of the host; an empty std::function is none.",
        "HF413 redirect_output() was given an empty function",
        "Give it one that can be called.",
    ),
    Code(
        "HF414",
        "the output sink threw",
        "The function that redirect_output() was given threw an exception. Python knows nothing of it; the line was"
        " written to the process's own stderr.",
        "HF414 the output sink threw: no room; its line follows",
        "Catch in the sink what it cannot handle.",
    ),
    Code(
        "HF415",
        "an asynchronous block is still being left",
        "The scope of an async_entered ended. Its destructor has the event loop run __aexit__ and waits for it,"
        " detached; it says so every few seconds until that has ended.",
        "HF415 ~async_entered waits for __aexit__",
        "Look at what __aexit__ awaits, and give that a limit, e.g. by asyncio.wait_for(); or leave the block by"
        " close_async() and wait for as long as you like.",
    ),
)
