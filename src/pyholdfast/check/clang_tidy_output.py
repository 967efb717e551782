"""Parses the output of clang-tidy."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

__all__ = ["Diagnostic", "Place", "read_diagnostics"]

_LINE = re.compile(
    r"^(?P<file>[^\n]+?):(?P<line>\d+):(?P<column>\d+): (?P<level>warning|error|note): "
    r"(?P<text>.*?)(?: \[(?P<check>[\w.,+-]+)\])?$"
)
_BARE = re.compile(r"^(?P<level>warning|error): (?P<text>.*?)(?: \[(?P<check>[\w.,+-]+)\])?$")
_MACRO = re.compile(r"expanded from (?:macro '(?P<name>[^']+)'|here)")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file; line and column count from 1, columns in bytes."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(slots=True)
class Diagnostic:
    """One message with its notes.

    Attributes:
        place: None for a message without a file.
        level: ``warning`` or ``error``.
        text: the message.
        check: the check that reported it, ``custom-`` and the query's name for one of ours.
        macros: the macros that the place is expanded from, outermost first.
        spelled: the place inside these macros.
        notes: text and place of each note.
    """

    place: Place | None
    level: str
    text: str
    check: str
    macros: list[str] = field(default_factory=list)
    spelled: list[Place] = field(default_factory=list)
    notes: dict[str, Place] = field(default_factory=dict)


def read_diagnostics(output: str, folder: str) -> list[Diagnostic]:
    """The messages in a run's output, in order.

    Args:
        output: what clang-tidy wrote to stdout.
        folder: the working folder of the run; paths may be relative to it.
    """
    found: list[Diagnostic] = []
    last_note = ""
    for line in output.splitlines():
        if line[:1] in {" ", ""}:
            continue  # a source line, or the marks below it
        match = _LINE.match(line)
        if match is None:
            bare = _BARE.match(line)
            if bare is not None:
                found.append(Diagnostic(None, bare["level"], bare["text"], bare["check"] or ""))
                last_note = ""
            continue
        file = os.path.normpath(os.path.join(folder, match["file"]))  # noqa: PTH118 - hot
        place = Place(file, int(match["line"]), int(match["column"]))
        text = match["text"]
        if match["level"] != "note":
            check = match["check"] or ""
            if check.startswith("custom-"):  # the message has the name of one of the joined queries
                check = f"custom-{text}"
            found.append(Diagnostic(place, match["level"], text, check))
            last_note = ""
        elif found:
            expansion = _MACRO.match(text)
            if expansion is None:
                found[-1].notes.setdefault(text, place)
                last_note = text
            elif not last_note:
                found[-1].macros.append(expansion["name"] or "")
                found[-1].spelled.append(place)
    return found
