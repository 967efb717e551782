"""What became of the tests here, by target, for the support table of the README.

Programs are kept by name, so that runs of some of them add up: each counts as it ended the last time.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from elsewhere.targets import TARGETS, target
from program_text import programs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["collected", "merge_into"]

PROGRAM = re.compile(r"test_a_program_keeps_its_promise_elsewhere\[(.+)-(\w+)\]$")
COMPILED = re.compile(r"(test_a_host_links_for_macos|test_a_compiler_takes_everything)\[(.+)\]$")
OUTCOMES = ("passed", "failed", "skipped")


def collected(reports: Mapping[str, Iterable[object]]) -> dict[str, Any]:
    """Two tables: programs by target, with what the target is; and what was only compiled."""
    ended: dict[str, dict[str, set[str]]] = defaultdict(lambda: {name: set() for name in OUTCOMES})
    compiled: dict[str, str] = {}
    for outcome in OUTCOMES:
        for report in reports.get(outcome, ()):
            test = getattr(report, "nodeid", "")
            if match := PROGRAM.search(test):
                ended[match[1]][outcome].add(match[2])
            elif (match := COMPILED.search(test)) and outcome != "skipped":
                compiled[match[2]] = outcome
    return {"run": _rows(ended), "compiled": compiled}


def _rows(ended: Mapping[str, Mapping[str, set[str]]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in filter(TARGETS.__contains__, ended):
        try:
            where = target(name)
        except pytest.skip.Exception:  # not provided: all its tests were skipped
            continue
        found[name] = {"row": where.row, "python": where.python, "how": where.how, **ended[name]}
    return found


def merge_into(file: Path, found: Mapping[str, Any]) -> None:
    """Put a run into a file: the programs that it has, of those that there are."""
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    rows = known.get("run", {})
    names = {program.name for program in programs()}
    for name, row in found["run"].items():
        run_now = row["passed"] | row["failed"] | row.pop("skipped")
        for outcome in ("passed", "failed"):
            before = rows.get(name, {}).get(outcome, [])
            kept = set() if isinstance(before, int) else set(before) & names - run_now
            row[outcome] = sorted(kept | row[outcome])
        rows[name] = row
    merged = {"run": rows, "compiled": {**known.get("compiled", {}), **found["compiled"]}}
    file.write_text(f"{json.dumps(merged, indent=1, sort_keys=True)}\n", encoding="utf-8")
