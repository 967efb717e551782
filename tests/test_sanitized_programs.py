"""The programs of tests/programs under the compilers' sanitizers, Python itself included where it can be.

AddressSanitizer and UndefinedBehaviorSanitizer see what the program and the runtime do, in front of
an ordinary CPython. ThreadSanitizer must see all synchronisation, so it runs with a CPython that was
built for it (``tools/pythons.py 3.13t-tsan``), and with CPython's own list of known races.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness import run_built
from matrix import MatrixPython, special, usable
from program_text import programs
from races import unexplained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

    from program_text import Program

pytestmark = pytest.mark.long

MEMORY = (
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=undefined",
    "-fno-omit-frame-pointer",
)
THREADS = ("-fsanitize=thread", "-fno-omit-frame-pointer")
SLOWER = 6.0  # than without, at most, on a busy machine
MEMORY_ENVIRON = {
    # Python frees little at its end; a thread that hangs for good keeps its stack.
    "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0:exitcode=99:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}
# Each object a block of its own, so that a use after free is seen. Free-threaded builds have no such allocator: there
# only what is not Python's memory is watched.
MALLOC = {"PYTHONMALLOC": "malloc"}
# What cannot run under a sanitizer, and why.
FORCED_UNWIND = (
    "the C++ library catches abi::__forced_unwind as a reference to null, which UBSan reports"
)
OWN_ALLOCATOR = "PYTHONMALLOC takes the place of the allocator that it installs"
NOT_MEMORY = {
    "error_pthread_exit_under_python": FORCED_UNWIND,
    "interop_extension": "the process is Python itself, where the sanitizer would have to come first",
    "pool_refuses": FORCED_UNWIND,
    "typed_records": "its deep value needs more stack than its thread has, where frames are this large",
    "attach_no_memory": OWN_ALLOCATOR,
    "fork_while_states_are_made": OWN_ALLOCATOR,
    "plain_first_contact_is_waited_for": OWN_ALLOCATOR,
}
NO_THREADS_IN_CHILD = (
    "GCC's ThreadSanitizer cannot start threads in a forked child (dup thread with used id)"
)
NOT_THREADS = {
    "finalize_limit_names_holder": "its limit of 100 ms is too short to import traceback at this speed",
    "finalize_names_detached_states": "a thread uses its state past the end of Python: what it is about",
    "fork_by_python": NO_THREADS_IN_CHILD,
    "fork_in_drain": NO_THREADS_IN_CHILD,
    "fork_inside_raw": NO_THREADS_IN_CHILD,
    "fork_raw": NO_THREADS_IN_CHILD,
    "fork_while_threading_is_locked": NO_THREADS_IN_CHILD,
    "fork_with_guards": NO_THREADS_IN_CHILD,
    "handed_things_are_left_as_found": "CPython readies types for a sub-interpreter that threads read",
    "output_in_a_forked_child": NO_THREADS_IN_CHILD,
    "pool_thread_refused": "it counts the threads that ThreadSanitizer starts",
}


def alone() -> list[Program]:
    """Programs of one file that need no other packages: everything is compiled here, with the sanitizer."""
    return [p for p in programs() if not (p.needs or p.raw_twin or p.flags)]


def cases(pythons: list[MatrixPython], reasons: dict[str, str]) -> Iterator[ParameterSet]:
    """Programs by Pythons."""
    for program in alone():
        marks = [pytest.mark.skip(reason=reasons[program.name])] if program.name in reasons else []
        for python in pythons:
            if program.applies_to(python):
                yield pytest.param(program, python, id=f"{program.name}-{python.name}", marks=marks)


def for_memory() -> list[MatrixPython]:
    """The newest Python with a GIL, and a free-threaded one; none with its own C library."""
    ours = [python for python in usable() if python.build.loader is None]
    with_gil = [python for python in ours if not python.build.free_threaded]
    without = [python for python in ours if python.build.free_threaded]
    return [*with_gil[-1:], *without[-1:]]


@pytest.mark.parametrize(("program", "python"), list(cases(for_memory(), NOT_MEMORY)))
def test_program_keeps_its_promise_under_address_sanitizer(
    program: Program, python: MatrixPython
) -> None:
    """No use after free, no overflow, no undefined behaviour."""
    outcome = run_built(
        program,
        python,
        sanitize=MEMORY,
        environ=MEMORY_ENVIRON | ({} if python.build.free_threaded else MALLOC),
        deadline_s=program.deadline_s * SLOWER,
    )

    assert outcome.code == 0, outcome.explain()


@pytest.mark.skipif(not special("tsan"), reason="no CPython for it: tools/pythons.py 3.13t-tsan")
@pytest.mark.parametrize(("program", "python"), list(cases(list(special("tsan")), NOT_THREADS)))
def test_program_keeps_its_promise_under_thread_sanitizer(
    program: Program, python: MatrixPython
) -> None:
    """No data race, in the program or between it and CPython, except CPython's own.

    Nothing of ours is suppressed: what CPython's list does not have is read and sorted by races.py.
    """
    known = python.path.parent.parent / "share" / "suppressions" / "suppressions_free_threading.txt"
    outcome = run_built(
        program,
        python,
        sanitize=THREADS,
        environ={
            "TSAN_OPTIONS": f"suppressions={known}:exitcode=0:history_size=4:die_after_fork=0"
        },
        deadline_s=program.deadline_s * SLOWER,
    )

    assert outcome.code == 0, outcome.explain()
    assert [report.text for report in unexplained(outcome.err)] == []
