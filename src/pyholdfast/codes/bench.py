"""HF145 and HF146: what `holdfast bench` says."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF145",
        "the file holds no results of holdfast bench",
        "--from takes files that holdfast bench --json has written. The file is missing, is no"
        " JSON, or comes from a version of holdfast that wrote another form.",
        "HF145 cannot read results from 'results.json': No such file or directory",
        "Make it again: holdfast bench --json FILE",
    ),
    Code(
        "HF146",
        "a benchmark program failed",
        "One of the programs that are measured ended with an error, printed no result, or took"
        " far longer than it should. The rows that need it are named as failed; the others stand.",
        "HF146 cpython_side --measure start failed: exit status 1: benchmark:"
        " Py_InitializeFromConfig failed",
        "Look whether that Python works at all: holdfast doctor. If it does, report the line.",
    ),
)
