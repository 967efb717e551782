"""HF145 to HF147: what `holdfast bench` says."""

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
    Code(
        "HF147",
        "the benchmarks are not in the installed package",
        "holdfast bench runs the programs in the folder benchmarks of a checkout. They are not part"
        " of the installed package, because they are mostly programs of the libraries that holdfast"
        " is compared with.",
        "HF147 the benchmarks are missing: '/usr/lib/python3/dist-packages/pyholdfast' is not in a"
        " checkout of holdfast",
        "Clone holdfast's repository and run make bench there.",
    ),
)
