"""HF400 to HF499: calling Python from C++. Raised by the C++ headers."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF400",
        "Python raised an exception",
        "The Python code raised an exception and did not catch it.",
        "HF400 ValueError: could not convert string to float: 'x'",
        "Read traceback() of the python_error. If the exception is an expected outcome, catch it"
        " where you make the call.",
    ),
    Code(
        "HF401",
        "an argument has the wrong type",
        "The Python function or the conversion expected one type and got another. The message"
        " gives the argument, the expected type and the actual type.",
        "HF401 scoring.score() argument 2: wanted int, found str",
        "Change the signature in function<...>, or convert before the call.",
    ),
    Code(
        "HF402",
        "an integer does not fit",
        "Python's integers have no limit, C++'s do. holdfast never truncates a number.",
        "HF402 result of app.count(): 5000000000 does not fit into int32_t",
        "Use a wider type in the signature, e.g. std::int64_t.",
    ),
    Code(
        "HF403",
        "the result has the wrong type",
        "The Python function returned a type other than the one in the C++ signature.",
        "HF403 result of scoring.score(): wanted float, found NoneType",
        "Correct the signature, or make the Python function return what its hint says."
        " std::optional accepts None.",
    ),
    Code(
        "HF404",
        "the module or function does not exist",
        "The module cannot be imported, or has no attribute of that name.",
        "HF404 module 'scoring' has no function 'scroe': 'scoring' has no 'scroe'",
        "Check the spelling and sys.path. interpreter_config::module_search_paths puts folders at"
        " the front of sys.path. A bundle has the modules that holdfast bundle found: of a built"
        " program by --source, others by --module.",
    ),
    Code(
        "HF405",
        "the name is not callable",
        "The module has an attribute of that name, but it cannot be called.",
        "HF405 'app.LIMIT' is not callable: it is int",
        "Name a function, class or other callable. Use eval<T> to read a plain value.",
    ),
    Code(
        "HF406",
        "an argument was left out before a positional one",
        "After an argument that was left out, all arguments must be passed by name: one passed by"
        " position would move into the gap.",
        "HF406 app.scale(): argument 2 was left out, but argument 3, which is passed by position,"
        " was given",
        "Name the later arguments when you construct the function.",
    ),
    Code(
        "HF407",
        "a thread was ended inside a function that Python called",
        "pthread_exit() or a cancellation unwinds the thread's frames. Some of these frames belong"
        " to Python and cannot be unwound. holdfast detaches the thread and stops it where it is,"
        " so that the other threads can go on.",
        "HF407 thread 4711 was ended (pthread_exit) within a C++ function that Python called; it is"
        " stopped instead",
        "Return from the function, and end the thread after Python has returned. Do not cancel"
        " threads that run Python.",
    ),
    Code(
        "HF408",
        "the object belongs to another interpreter",
        "Each interpreter of a process has its own objects. Another interpreter must not use them:"
        " it would count and free them as its own.",
        "HF408 app.score() argument 1: the object belongs to another interpreter",
        "Pass plain values between interpreters: str, bytes, numbers.",
    ),
    Code(
        "HF409",
        "a naive date and time is not a point in time",
        "A datetime without tzinfo does not say which time zone it is in, so it cannot be compared"
        " with a system clock.",
        "HF409 a naive date_time stands for no moment",
        "Give the date_time a utc_offset, or make the datetime in Python with a tzinfo, e.g."
        " datetime.now(timezone.utc).",
    ),
    Code(
        "HF410",
        "an array does not have the requested shape",
        "The code asked for a view of an array with other dimensions than it has, or for a"
        " contiguous view of elements that have gaps between them.",
        "HF410 wanted array of float64 of 2 dimensions, writable, found 6 elements with shape (2, 4)",
        "Ask for the shape that the memory has. Let Python copy an array that is not contiguous,"
        " e.g. with numpy.ascontiguousarray().",
    ),
    Code(
        "HF411",
        "the generator has not returned yet",
        "A generator's return value is known only when the generator has ended, after its last"
        " item.",
        "HF411 the generator has not returned yet",
        "Take items until there are none left, then call result().",
    ),
    Code(
        "HF412",
        "a task was waited for on the event loop's own thread",
        "All coroutines of an interpreter run on one thread. C++ code called by one of them waited"
        " for another one, which could begin only after that C++ code had returned.",
        "HF412 a task was waited for on the event loop's own thread, which must run it",
        "Use then(), or wait on another thread. In Python, await it.",
    ),
    Code(
        "HF413",
        "no function for Python's output",
        "redirect_output() passes lines to a function of the host, and was given an empty"
        " std::function.",
        "HF413 redirect_output() was given an empty function",
        "Pass a function that can be called.",
    ),
    Code(
        "HF414",
        "the output sink threw",
        "The function passed to redirect_output() threw an exception. Python code does not see it."
        " The line was written to the process's own stderr.",
        "HF414 the output sink threw: no room; its line follows",
        "Catch the exception inside the sink.",
    ),
    Code(
        "HF415",
        "an asynchronous block is still being left",
        "The scope of an async_entered has ended. Its destructor makes the event loop run"
        " __aexit__ and waits for it, detached. It repeats this message every few seconds until"
        " __aexit__ has ended.",
        "HF415 ~async_entered waits for __aexit__",
        "Find out what __aexit__ awaits and limit it, e.g. with asyncio.wait_for(). Or leave the"
        " block with close_async() and choose how long to wait.",
    ),
    Code(
        "HF417",
        "a value is nested too deeply for C",
        "hf_value holds lists and dictionaries up to 200 levels deep. A list that contains itself has"
        " no end.",
        'hf_exec("x = []; x.append(x)");\nhf_eval("x", &value);  // HF417',
        "Pass flatter data. In Python, give C an object that is not a list, tuple or dict: it arrives"
        " as HF_OBJECT.",
    ),
)
