"""Calls a function from native threads, through a generated host, and compares the results."""

from __future__ import annotations

import contextlib
import inspect
import math
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyholdfast.errors import FindingError, ToolchainError, UsageError
from pyholdfast.paths import PACKAGE
from pyholdfast.testing.arguments import CaseLike, made
from pyholdfast.testing.compare import same
from pyholdfast.testing.failure_report import Run, tell
from pyholdfast.testing.host import Host, Subject, build_host, subject_of
from pyholdfast.testing.payload import Plan, module_files

__all__ = ["Hammered", "hammer"]

# A host cannot be built: no headers, no library, no compiler.
CANNOT_BUILD = frozenset({"HF105", "HF106", "HF107"})
# Time that a host may take beyond its own deadline, to start and to report hanging threads.
GRACE_S = 20.0
MOST_THREADS = 1000


@dataclass(frozen=True, slots=True)
class Hammered:
    """The work that was done without a failure.

    Attributes:
        calls: number of calls from native threads whose results were compared.
        refused: number of calls after the interpreter was closed, which were refused.
    """

    calls: int
    refused: int


def hammer(
    function: Callable[..., object],
    cases: Iterable[CaseLike],
    *,
    threads: int = 16,
    rounds: int = 100,
    deadline: float = 60.0,
    equal: Callable[[object, object], bool] = same,
) -> Hammered:
    """Check that a function gives native threads the same results as Python callers.

    Generates a C++ program from the function's hints, compiles it, and runs it. The program
    converts each case to the C++ types of the hints, calls the function, and converts the result
    back: on one thread alone, on all threads at once, from C++ that Python called, and while the
    interpreter is being finalized. Each result, or exception, is compared with that of a direct
    call in the same process.

    Args:
        function: a function with hints at the top level of an importable module.
        cases: each a tuple of positional arguments, a `case`, or a function that returns either.
        threads: number of native threads.
        rounds: how often each thread makes each call.
        deadline: seconds after which threads that have not ended count as hanging.
        equal: compares the direct result with another one; a module-level function.

    Raises:
        HammerFailure: HF513 a different result, HF514 a crash, HF515 a hang.
        UsageError: HF512 a host cannot find the function, or a case cannot be sent to it.
        unittest.SkipTest: there is no compiler, or this Python has no headers.
    """
    __tracebackhide__ = True
    subject = subject_of(function)
    given = list(cases)
    _demand_sense(subject, given, threads, rounds, deadline)
    shown = _checked(subject, function, given)
    pickled = tuple(_pickled(subject, f"case {at}", one) for at, one in enumerate(given))
    compare = _pickled(subject, "equal", equal)
    try:
        host = build_host(subject)
    except (FindingError, ToolchainError) as error:
        if error.code not in CANNOT_BUILD:
            raise
        message = f"pyholdfast.testing needs a compiler and Python's headers: {error.problem}"
        raise unittest.SkipTest(message) from None
    plan = Plan(
        module=subject.module,
        bound_module=host.module,
        function=subject.name,
        signatures=host.signatures,
        cases=pickled,
        equal=compare,
        path=tuple(sys.path),
        files=module_files(),
    )
    with tempfile.TemporaryDirectory(prefix="holdfast-hammer-") as folder:
        place = Path(folder)
        (place / "plan").write_bytes(pickle.dumps(plan))
        status, output = _run(host, place, threads, rounds, deadline)
        run = Run(str(subject), shown, threads, deadline, status, output, place)
        if failure := tell(run):
            raise failure
        calls, refused = (place / "summary").read_text(encoding="utf-8").split()
        return Hammered(int(calls), int(refused))


def _demand_sense(
    subject: Subject, given: Sequence[CaseLike], threads: int, rounds: int, deadline: float
) -> None:
    wrong = (
        "there are no cases" if not given
        else f"threads={threads}" if not 1 <= threads <= MOST_THREADS
        else f"rounds={rounds}" if rounds < 1
        else f"deadline={deadline}" if not (math.isfinite(deadline) and deadline > 0)
        else ""
    )  # fmt: skip
    if wrong:
        raise UsageError(
            "HF512",
            f"{subject} cannot be tested with these arguments: {wrong}",
            f"give at least one case, 1 to {MOST_THREADS} threads, one round and a deadline above 0",
        )


def _checked(
    subject: Subject, function: Callable[..., object], given: Sequence[CaseLike]
) -> list[str]:
    """The cases as text."""
    signature = inspect.signature(function)
    shown = []
    for at, one in enumerate(given):
        case = made(one)
        try:
            signature.bind(*case.args, **case.kwargs)
        except TypeError as error:
            raise UsageError(
                "HF512", f"case {at} of {subject} is not a valid call: {error}", "correct the case"
            ) from error
        shown.append(str(case))
    return shown


def _pickled(subject: Subject, name: str, value: object) -> bytes:
    try:
        return pickle.dumps(value)
    except Exception as error:  # whatever the user's class raises
        raise UsageError(
            "HF512",
            f"{name} of {subject} cannot be sent to another process: {error}",
            "pass a function from the top level of a module; for a case, one that makes the arguments",
        ) from error


def _run(
    host: Host, folder: Path, threads: int, rounds: int, deadline: float
) -> tuple[int | None, str]:
    """Run the host in its own process group; return its status, or None, and its output."""
    command = [str(host.program), str(folder), str(threads), str(rounds), str(int(deadline * 1000))]
    # For pyholdfast.testing.inside; the rest of the path is in the plan.
    path = [str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]
    environ = {
        **os.environ,
        "HOLDFAST_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join(part for part in path if part),
    }
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env=environ, start_new_session=True,
        )  # fmt: skip
        status: int | None = None
        try:
            status = process.wait(deadline + GRACE_S)
        except subprocess.TimeoutExpired:
            # The host could not report who hangs; faulthandler does so on this signal.
            process.send_signal(signal.SIGABRT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_S)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return status, (folder / "output").read_text(encoding="utf-8", errors="replace")
