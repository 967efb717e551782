"""HF141 to HF143: what `holdfast demo` says."""

from __future__ import annotations

from pyholdfast.codes.model import Code

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    Code(
        "HF141",
        "the folder for the demo is not there",
        "holdfast demo surveys the Python files below a folder. What was named does not exist,"
        " or is a file.",
        "HF141 there is no folder 'sources'",
        "Name a folder that exists, or none: then the standard library's own sources are used.",
    ),
    Code(
        "HF142",
        "the folder holds no Python",
        "Neither the folder nor anything below it has a file whose name ends in .py. A standard"
        " library that was installed without its sources looks like that, too.",
        "HF142 no Python files in '/usr/share/doc'",
        "Name a folder with Python files: holdfast demo FOLDER",
    ),
    Code(
        "HF143",
        "the demo's host did not end well",
        "The program was killed by a signal. It should never be: whatever a file holds, the host"
        " counts it and goes on.",
        "HF143 the demo's host was ended by signal 11",
        "Look with holdfast doctor whether Python and compiler fit together; if they do, report"
        " it with the output.",
    ),
)
