"""The rows of the C interface, compared with the C++ headers on the same Python."""

from __future__ import annotations

from holdfast_bench.arithmetic import Goal
from holdfast_bench.row import Opponent, Row, Side

__all__ = ["C_ROWS"]


def against_cxx(key: str, title: str, measure: str, at_most: float) -> Row:
    """The same through the table of the backend, and through the headers."""
    opponent = Opponent("C++ headers", Side("holdfast", measure), lambda _: Goal(at_most=at_most))
    return Row(key, title, "cost", Side("c", measure), (opponent,), runs=3)


C_ROWS: tuple[Row, ...] = (
    against_cxx("c_call", "C: attach + call + detach", "function_call", 1.1),
    against_cxx(
        "c_typed_call", "C: typed call from a native thread", "typed_call_from_thread", 1.1
    ),
    against_cxx("c_list", "C: list of 1000 floats, there and back", "list_of_floats", 1.2),
    Row(
        "c_start",
        "C: a process that starts and ends Python",
        "added",
        Side("c", "start_process"),
        (Opponent("plain C API", Side("cpython", "start_process"), lambda _: Goal(at_most=2.0)),),
        runs=9,
    ),
    Row(
        "c_compile",
        "C: compile a host that attaches",
        "cost",
        Side("compiler_c", "compile_c"),
        (
            Opponent(
                "an empty program",
                Side("compiler_c", "compile_c_empty"),
                lambda _: Goal(at_most=1.1),
            ),
            Opponent("<stdio.h> and puts()", Side("compiler_c", "compile_c_stdio")),
        ),
        runs=15,
    ),
)
