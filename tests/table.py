"""What `make test-all` ends with: the table of programs by Pythons, and how many mutants were caught."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from markdown_table import by_number, line
from matrix import EXPECTED, usable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["CASE", "as_json", "caught_of_all", "render", "verdicts"]

CASE = re.compile(r"test_programs\.py::\w+\[(.+)-([0-9.]+t?)\]$")
MUTANT = re.compile(r"test_mutants\.py::test_a_mutant_is_caught\[")
MARKS = {"passed": "✓", "failed": "✗", "error": "✗", "skipped": "s"}


def verdicts(reports: Mapping[str, Iterable[object]]) -> dict[tuple[str, str], str]:
    """One mark per program and Python, from the reports of a finished run."""
    found: dict[tuple[str, str], str] = {}
    for kind, mark in MARKS.items():
        for report in reports.get(kind, ()):
            match = CASE.search(getattr(report, "nodeid", ""))
            if match:
                found[match.group(1), match.group(2)] = mark
    return found


def caught_of_all(reports: Mapping[str, Iterable[object]]) -> str:
    """``mutants: 97 of 98 caught``; empty if none was tried."""
    tried = {
        kind: sum(bool(MUTANT.search(getattr(report, "nodeid", ""))) for report in found)
        for kind, found in reports.items()
        if kind in MARKS
    }
    total = sum(tried.values())
    return f"mutants: {tried.get('passed', 0)} of {total} caught" if total else ""


def render(marks: Mapping[tuple[str, str], str]) -> list[str]:
    """Lines of Markdown. An empty cell: the program does not apply, or the Python is missing."""
    present = {python.name for python in usable()}
    columns = sorted({*EXPECTED, *present}, key=by_number)
    rows = sorted({program for program, _ in marks})
    lines = [line(["program", *columns]), line(["---", *(":-:" for _ in columns)])]
    lines += [line([row, *(marks.get((row, name), " ") for name in columns)]) for row in rows]
    lines.append(line([f"{len(rows)} programs", *(_share(marks, name) for name in columns)]))
    return lines


def as_json(marks: Mapping[tuple[str, str], str]) -> str:
    """The same for `tools/fill_readme.py`: {"3.12": {"program": "passed"}}."""
    words = {"✓": "passed", "✗": "failed", "s": "skipped: see the run"}
    pythons: dict[str, dict[str, str]] = {}
    for (program, name), mark in sorted(marks.items()):
        pythons.setdefault(name, {})[program] = words[mark]
    return json.dumps(pythons, indent=1)


def _share(marks: Mapping[tuple[str, str], str], name: str) -> str:
    column = [mark for (_, python), mark in marks.items() if python == name]
    return f"{column.count('✓')}/{len(column)}" if column else " "
