"""The table of measurements: rows, opponents, goals."""

from __future__ import annotations

from holdfast_bench.arithmetic import Goal
from holdfast_bench.c_rows import C_ROWS
from holdfast_bench.isolated_rows import ISOLATED_ROWS
from holdfast_bench.machine import cores
from holdfast_bench.row import Opponent, Row, Side, Target, no_goal

__all__ = ["ROWS", "SCALING", "Opponent", "Row", "Side", "Target"]

SCALING = (1, 2, 4)
"""How many threads, or processes, the rows of scaling have."""


def fifty_times(target: Target) -> Goal:
    """From 3.11 on, each new thread state maps and unmaps memory for its frames, but not on 3.10."""
    return Goal(at_least=50 if target.version >= (3, 11) else 1.3)


def fifty_times_with_gil(target: Target) -> Goal | None:
    return None if target.free_threaded else fifty_times(target)


def kept_memory(target: Target) -> Goal:
    return Goal(at_most_theirs=True) if target.free_threaded else Goal(at_most=4.0)


def from_315(target: Target) -> str | None:
    return None if target.version >= (3, 15) else "PEP 788 comes with Python 3.15"


def without_gil(target: Target) -> str | None:
    return None if target.free_threaded else "with a GIL, threads take turns"


def own_gil(target: Target) -> str | None:
    return None if target.version >= (3, 12) else "one GIL for all before Python 3.12"


def with_gil(target: Target) -> str | None:
    return "there is no GIL to share" if target.free_threaded else None


def twenty_times_with_gil(target: Target) -> Goal | None:
    return None if target.free_threaded else Goal(at_least=20)


def scaling(threads: int) -> Row:
    """`threads` threads, each with Python code that needs a core."""

    def on_one_gil(target: Target) -> str | None:
        return own_gil(target) or with_gil(target)

    def as_processes(_: Target) -> Goal | None:
        return Goal(at_most=1.05) if threads <= cores() else None

    counted = f"{threads} thread{'' if threads == 1 else 's'}"
    return Row(
        f"cores_{threads}",
        f"busy Python code, {counted}",
        "cost",
        Side("pools", "busy_cores", threads),
        (
            Opponent(
                "as many processes",
                Side("cpython_pools", "busy_processes", threads),
                as_processes,
                own_gil,
            ),
            Opponent("one GIL", Side("pools", "busy_threads", threads), no_goal, on_one_gil),
        ),
    )


def peers(measure: str) -> tuple[Opponent, ...]:
    """The three binding libraries, without a goal."""
    return tuple(
        Opponent(label, Side(name, measure))
        for label, name in (("pybind11", "pybind11"), ("nanobind", "nanobind"), ("PyO3", "pyo3"))
    )


ROWS: tuple[Row, ...] = (
    Row(
        "small_call",
        "attach + small call + detach",
        "faster",
        Side("holdfast", "small_call"),
        (
            Opponent("PyGILState", Side("cpython", "small_call"), fifty_times),
            Opponent("pybind11", Side("pybind11", "small_call"), fifty_times),
            Opponent("nanobind", Side("nanobind", "small_call"), fifty_times),
            Opponent("PyO3", Side("pyo3", "small_call"), fifty_times),
            Opponent("PEP 788", Side("cpython", "pep788_small_call"), fifty_times, from_315),
        ),
    ),
    Row(
        "eight_threads",
        "the same, 8 threads at once",
        "faster",
        Side("holdfast", "small_call_threads", 8),
        (Opponent("PyGILState", Side("cpython", "small_call_threads", 8), fifty_times_with_gil),),
    ),
    Row(
        "two_threads",
        "the same, 2 threads",
        "faster",
        Side("holdfast", "small_call_threads", 2),
        (
            Opponent(
                "1 thread",
                Side("holdfast", "small_call_threads", 1),
                lambda _: Goal(at_least=1.8),
                without_gil,
            ),
        ),
    ),
    Row(
        "attach",
        "attach + detach, nothing called",
        "faster",
        Side("holdfast", "attach"),
        (
            Opponent("PyGILState", Side("cpython", "attach")),
            *peers("attach"),
            Opponent("PEP 788", Side("cpython", "pep788_attach"), no_goal, from_315),
        ),
    ),
    Row(
        "outermost",
        "outermost attach + detach",
        "cost",
        Side("holdfast", "attach"),
        (
            Opponent(
                "bare Restore/SaveThread", Side("cpython", "kept"), lambda _: Goal(at_most=1.15)
            ),
        ),
    ),
    Row(
        "nested",
        "nested attach + detach",
        "faster",
        Side("holdfast", "nested"),
        (
            Opponent("PyGILState", Side("cpython", "nested"), lambda _: Goal(at_least=4)),
            *peers("nested"),
        ),
    ),
    Row(
        "nested_here",
        "the same, without a view",
        "faster",
        Side("holdfast", "nested_here"),
        (
            Opponent("PyGILState", Side("cpython", "nested"), lambda _: Goal(at_least=4)),
            *peers("nested"),
        ),
    ),
    Row(
        "nested_held",
        "the same, with an interpreter_guard",
        "faster",
        Side("holdfast", "nested_held"),
        (
            Opponent("PyGILState", Side("cpython", "nested"), lambda _: Goal(at_least=4)),
            *peers("nested"),
        ),
    ),
    Row(
        "nested_elsewhere",
        "the same, without a view, in a sub-interpreter",
        "faster",
        Side("holdfast", "nested_elsewhere"),
        (Opponent("PyGILState", Side("cpython", "nested"), lambda _: Goal(at_least=4)),),
    ),
    Row(
        "typed_call",
        "typed call, attached",
        "cost",
        Side("holdfast", "typed_call"),
        (
            Opponent(
                "hand-written vectorcall",
                Side("cpython", "typed_call"),
                lambda _: Goal(at_most=1.1),
            ),
            Opponent("pybind11", Side("pybind11", "typed_call"), lambda _: Goal(at_most=1.0)),
            Opponent("nanobind", Side("nanobind", "typed_call")),
            Opponent("PyO3", Side("pyo3", "typed_call")),
        ),
    ),
    Row(
        "typed_call_from_thread",
        "typed call from a native thread",
        "faster",
        Side("holdfast", "typed_call_from_thread"),
        (
            Opponent("PyGILState", Side("cpython", "typed_call_from_thread"), fifty_times),
            Opponent("bare Restore/SaveThread", Side("cpython", "typed_call_kept")),
        ),
    ),
    *(
        Row(
            f"list_of_{elements}",
            f"list of 1000 {elements}, there and back",
            "faster",
            Side("holdfast", f"list_of_{elements}"),
            (
                Opponent(
                    "pybind11", Side("pybind11", f"list_of_{elements}"), lambda _: Goal(at_least=2)
                ),
                Opponent(
                    "nanobind", Side("nanobind", f"list_of_{elements}"), lambda _: Goal(at_least=2)
                ),
                Opponent("hand-written", Side("cpython", f"list_of_{elements}")),
            ),
        )
        for elements in ("floats", "ints", "texts")
    ),
    Row(
        "list_of_records",
        "list of 1000 dataclasses, there and back",
        "faster",
        Side("holdfast", "list_of_records"),
        (Opponent("pybind11", Side("pybind11", "list_of_records"), lambda _: Goal(at_least=2)),),
    ),
    Row(
        "pass_memory",
        "8 MB passed as memory",
        "cost",
        Side("holdfast", "pass_8_mb"),
        (Opponent("8 kB", Side("holdfast", "pass_8_kb"), lambda _: Goal(at_most=1.1)),),
    ),
    Row(
        "generator",
        "100 000 items of a generator",
        "faster",
        Side("holdfast", "generator_in_chunks"),
        (
            Opponent(
                "an attach per item",
                Side("holdfast", "generator_by_item"),
                lambda _: Goal(at_least=5),
            ),
        ),
    ),
    Row(
        "generator_bare",
        "the same",
        "cost",
        Side("holdfast", "generator_in_chunks"),
        (Opponent("PyIter_Next", Side("cpython", "generator"), lambda _: Goal(at_most=1.1)),),
    ),
    Row(
        "tracing",
        "a million attaches a second, traced",
        "cost",
        Side("holdfast", "paced_traced"),
        (Opponent("not traced", Side("holdfast", "paced"), lambda _: Goal(at_most=1.05)),),
        runs=5,
    ),
    Row(
        "start",
        "start to finalize",
        "cost",
        Side("holdfast", "start"),
        (
            Opponent("plain C API", Side("cpython", "start"), lambda _: Goal(at_most=1.02)),
            # What holdfast does up to 3.12, so that no worker becomes Python's main thread.
            Opponent("the same, threading imported", Side("cpython", "start_with_threading")),
        ),
        runs=9,
    ),
    Row(
        "compile",
        "compile a host that attaches",
        "cost",
        Side("compiler", "compile_holdfast"),
        (
            Opponent(
                "Python.h + <thread>",
                Side("compiler", "compile_plain"),
                lambda _: Goal(at_most=1.3),
            ),
        ),
        runs=3,
    ),
    Row(
        "compile_headers_only",
        "the same from headers alone",
        "cost",
        Side("compiler", "compile_headers_only"),
        (Opponent("Python.h + <thread>", Side("compiler", "compile_plain")),),
        runs=3,
    ),
    Row(
        "compile_all",
        "compile a host with all headers",
        "cost",
        Side("compiler", "compile_everything"),
        (Opponent("Python.h + <thread>", Side("compiler", "compile_plain")),),
    ),
    Row(
        "compile_typed",
        "compile three typed calls",
        "cost",
        Side("compiler_bound", "compile_typed"),
        (
            Opponent(
                "pybind11",
                Side("compiler_pybind11", "compile_pybind11"),
                lambda _: Goal(at_most=0.5),
            ),
        ),
        runs=3,
    ),
    Row(
        "compile_typed_headers_only",
        "the same from headers alone",
        "cost",
        Side("compiler_bound", "compile_typed_headers_only"),
        (Opponent("pybind11", Side("compiler_pybind11", "compile_pybind11")),),
        runs=3,
    ),
    Row(
        "memory",
        "growth after 20 000 threads",
        "growth",
        Side("holdfast", "memory"),
        (Opponent("PyGILState", Side("cpython", "memory"), kept_memory),),
    ),
    Row(
        "small_tasks",
        "1000 small tasks by a pool of 2 threads",
        "faster",
        Side("pools", "small_tasks", 2),
        (
            Opponent(
                "ThreadPoolExecutor",
                Side("cpython_pools", "small_tasks", 2),
                twenty_times_with_gil,
            ),
        ),
    ),
    *(scaling(threads) for threads in SCALING),
    Row(
        "cores_memory",
        "memory of 8 busy threads",
        "size",
        Side("pools", "busy_memory", 8),
        (
            Opponent(
                "8 processes",
                Side("cpython_pools", "memory_of_processes", 8),
                lambda _: Goal(at_most=0.34),
                own_gil,
            ),
        ),
    ),
    Row(
        "subinterpreter_call",
        "attach + small call + detach in a sub-interpreter",
        "cost",
        Side("holdfast", "small_call_elsewhere"),
        (
            Opponent(
                "in the main interpreter",
                Side("holdfast", "small_call"),
                lambda _: Goal(at_most=1.3),
            ),
        ),
    ),
    Row(
        "subinterpreter",
        "start and end of a sub-interpreter",
        "cost",
        Side("pools", "subinterpreter_start"),
        (
            Opponent(
                "plain C API",
                Side("cpython_pools", "subinterpreter_start"),
                lambda _: Goal(at_most=1.1),
                own_gil,
            ),
        ),
        runs=3,
    ),
    *C_ROWS,
    *ISOLATED_ROWS,
)
