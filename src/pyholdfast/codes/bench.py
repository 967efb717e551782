"""HF145 to HF147: errors of `holdfast bench`."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF145",
        "the file holds no results of holdfast bench",
        "--from reads files that holdfast bench --json has written. This file is missing, is not"
        " JSON, or was written by another version of holdfast in another format.",
        "HF145 cannot read results from 'results.json': No such file or directory",
        "Create it again: holdfast bench --json FILE",
    ),
    Code(
        "HF146",
        "a benchmark program failed",
        "One of the measured programs ended with an error, printed no result, or took far longer"
        " than it should. The rows that need it are listed as failed; the other rows are valid.",
        "HF146 cpython_side --measure start failed: exit status 1: benchmark:"
        " Py_InitializeFromConfig failed",
        "Check with holdfast doctor that this Python works at all. If it does, report the message.",
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
