"""HF141 to HF143: errors of `holdfast demo`."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF141",
        "the demo's folder does not exist",
        "holdfast demo reads the Python files below a folder. The path does not exist, or is a"
        " file.",
        "HF141 there is no folder 'sources'",
        "Name a folder that exists, or none to use the standard library's own sources.",
    ),
    Code(
        "HF142",
        "the folder contains no Python files",
        "Neither the folder nor any folder below it contains a file whose name ends in .py. This"
        " also happens with a standard library that was installed without its sources.",
        "HF142 no Python files in '/usr/share/doc'",
        "Name a folder with Python files: holdfast demo FOLDER",
    ),
    Code(
        "HF143",
        "the demo's host crashed",
        "A signal ended the program, or on Windows an exception of the system. That should never"
        " happen: the host counts a file that it cannot handle and goes on.",
        "HF143 the demo's host was ended by signal 11 (SIGSEGV)",
        "Check with holdfast doctor that Python and the compiler fit together. If they do, report"
        " the message with the output.",
    ),
)
