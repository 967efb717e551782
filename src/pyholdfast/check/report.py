"""A check's result as text and as JSON; `sarif` has the form for viewers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyholdfast import paths
from pyholdfast.check.clang_tidy import Trouble
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.equal_messages import (
    equal_findings,
    equal_troubles,
    equal_unchecked,
)
from pyholdfast.check.findings import CODES_OF_TROUBLE, ERROR, Finding
from pyholdfast.check.tokens import read_source
from pyholdfast.visible import visible, visible_lines

__all__ = ["Result", "as_json", "as_text", "exit_status"]

_SHOWN_PLACES = 3  # of those with the same message


@dataclass(slots=True)
class Result:
    """The result of a check.

    Attributes:
        files: number of files to check.
        functions: number of functions that were analysed.
        findings: ordered by place.
        troubles: what prevented files from being read.
        unchecked: functions that were not analysed: place, name, and reason.
        ignored: number of findings that a comment accepts.
        accepted: number of findings that the baseline accepts.
        strict: whether a note makes the check fail.
    """

    files: int
    functions: int = 0
    findings: list[Finding] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    unchecked: list[tuple[Place, str, str]] = field(default_factory=list)
    ignored: int = 0
    accepted: int = 0
    strict: bool = False

    def count(self, level: str) -> int:
        """The number of findings of a level."""
        return sum(finding.level == level for finding in self.findings)


def exit_status(result: Result) -> int:
    """0: everything was analysed, no findings. 1: findings. 2: not everything was analysed."""
    if result.troubles or result.unchecked:
        return 2
    return 1 if result.count(ERROR) or (result.strict and result.findings) else 0


def as_text(result: Result, folder: Path) -> str:
    """The report for people."""
    lines: list[str] = []
    for alike in equal_troubles(result.troubles):
        trouble = alike[0]
        lines.append(f"{_at(trouble.place, folder)}: {trouble.code} {trouble.problem}")
        lines += _elsewhere([other.place for other in alike[1:]], folder)
        lines.append(f"  do: {CODES_OF_TROUBLE[trouble.code]}")
    for places, names, why in equal_unchecked(result.unchecked):
        lines.append(f"{_at(places[0], folder)}: HF621 unchecked: {_listed(names)}: {why}")
    for group in equal_findings(result.findings):
        finding = group[0]
        note = "" if finding.level == ERROR else "note: "
        lines.append(f"{_at(finding.place, folder)}: {note}{finding.code} {finding.problem}")
        lines += _excerpt(finding.place)
        lines += [f"    {_at(step.place, folder)}: {step.text}" for step in finding.path]
        if finding.also:
            lines.append(f"    {finding.also_at}")
        lines += _elsewhere([other.place for other in group[1:]], folder)
        lines.append(f"  do: {finding.remedy}")
    return visible_lines("\n".join([*lines, _summary(result)])) + "\n"


def _elsewhere(places: Sequence[Place], folder: Path) -> list[str]:
    """One line for the other places of the same message."""
    if not places:
        return []
    shown = [_at(place, folder) for place in places[:_SHOWN_PLACES]]
    if len(places) > len(shown):
        shown.append(f"{len(places) - len(shown)} more")
    return [f"    also {', '.join(shown)}"]


def _listed(names: Sequence[str]) -> str:
    called = [name if name.endswith(")") else f"{name}()" for name in names[:_SHOWN_PLACES]]
    shown = ", ".join(called)
    more = len(names) - _SHOWN_PLACES
    return f"{shown} and {_counted(more, 'more function')}" if more > 0 else shown


def _summary(result: Result) -> str:
    errors, notes = result.count(ERROR), result.count("note")
    parts = [_counted(errors, "finding")]
    if notes:
        parts.append(_counted(notes, "note"))
    if result.ignored:
        parts.append(f"{result.ignored} ignored by comments")
    if result.accepted:
        parts.append(f"{result.accepted} in the baseline")
    if result.unchecked:
        parts.append(f"{_counted(len(result.unchecked), 'function')} unchecked")
    checked = f"{_counted(result.functions, 'function')} in {_counted(result.files, 'file')}"
    return f"{checked}: {', '.join(parts)}"


def as_json(result: Result, folder: Path) -> str:
    """The report for programs."""
    document = {
        "version": 1,
        "holdfast": paths.version(),
        "files": result.files,
        "functions": result.functions,
        "findings": [
            {
                "code": finding.code,
                "level": finding.level,
                **_place(finding.place, folder),
                "function": finding.function,
                "problem": finding.problem,
                "remedy": finding.remedy,
                "path": [{**_place(step.place, folder), "text": step.text} for step in finding.path],
                "also": list(finding.also),
            }
            for finding in result.findings
        ],
        "troubles": [
            {"code": trouble.code, **_place(trouble.place, folder), "problem": trouble.problem}
            for trouble in result.troubles
        ],
        "unchecked": [
            {**_place(place, folder), "function": name, "reason": why}
            for place, name, why in result.unchecked
        ],
        "ignored": result.ignored,
        "accepted": result.accepted,
        "status": exit_status(result),
    }  # fmt: skip
    return json.dumps(document, indent=1)


def _place(place: Place, folder: Path) -> dict[str, object]:
    return {"file": _shown(place, folder), "line": place.line, "column": place.column}


def _at(place: Place, folder: Path) -> str:
    shown = visible(_shown(place, folder))
    return f"{shown}:{place.line}:{place.column}" if place.line else shown


def _shown(place: Place, folder: Path) -> str:
    path = Path(place.file)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _excerpt(place: Place) -> list[str]:
    lines = read_source(place.file).lines
    if not 0 < place.line <= len(lines):
        return []
    return [f"    {lines[place.line - 1].strip()}"]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
