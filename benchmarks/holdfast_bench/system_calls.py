"""Counts with strace how many system calls one call makes."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.errors import HoldfastError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast_bench.contenders import Program

__all__ = ["count_system_calls", "total_calls"]

FEW, MANY = 200, 2200


def count_system_calls(programs: Mapping[str, tuple[Program, str]]) -> tuple[dict[str, float], str]:
    """Count for each program.

    Args:
        programs: by label, the program and its measure.

    Returns:
        System calls per call, by label; if they could not be counted, also the reason.
    """
    strace = shutil.which("strace")
    if strace is None:
        return {}, "strace is not installed: apt install strace"
    counted = {}
    for label, (program, measure) in programs.items():
        try:
            # What starting and ending costs is the same in both, and falls out.
            few, many = (_total(strace, program, measure, calls) for calls in (FEW, MANY))
        except HoldfastError as error:
            return {}, error.problem
        counted[label] = max(0.0, (many - few) / (MANY - FEW))
    return counted, ""


def total_calls(summary: str) -> int:
    """The sum of the column ``calls`` in what ``strace -c`` prints.

    Raises:
        ValueError: if there is no such table.
    """
    rows = re.findall(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$", summary, re.MULTILINE)
    if not rows:
        raise ValueError("no table of strace -c")
    return sum(int(calls) for calls, name in rows if name != "total")


def _total(strace: str, program: Program, measure: str, calls: int) -> int:
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        summary = Path(folder, "summary")
        program.ask(
            ["--measure", measure, "--calls", str(calls)],
            before=[strace, "-f", "-c", "-o", str(summary)],
        )
        try:
            return total_calls(summary.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise HoldfastError("HF146", f"strace counted nothing: {error}", "") from error
