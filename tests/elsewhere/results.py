"""What became of the tests here, by target, for the support table of the README."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from elsewhere.targets import TARGETS, target

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["collected", "merge_into"]

PROGRAM = re.compile(r"test_a_program_keeps_its_promise_elsewhere\[(.+)-(\w+)\]$")
COMPILED = re.compile(r"(test_a_host_links_for_macos|test_a_compiler_takes_everything)\[(.+)\]$")
OUTCOMES = ("passed", "failed", "skipped")


def collected(reports: Mapping[str, Iterable[object]]) -> dict[str, Any]:
    """Two tables: programs by target, with what the target is; and what was only compiled."""
    counts: dict[str, Counter[str]] = {}
    compiled: dict[str, str] = {}
    for outcome in OUTCOMES:
        for report in reports.get(outcome, ()):
            test = getattr(report, "nodeid", "")
            if match := PROGRAM.search(test):
                counts.setdefault(match[1], Counter())[outcome] += 1
            elif (match := COMPILED.search(test)) and outcome != "skipped":
                compiled[match[2]] = outcome
    return {"run": {**_rows(counts)}, "compiled": compiled}


def _rows(counts: Mapping[str, Counter[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in filter(TARGETS.__contains__, counts):
        try:
            where = target(name)
        except pytest.skip.Exception:  # not provided: all its tests were skipped
            continue
        found[name] = {
            "row": where.row, "python": where.python, "how": where.how,
            **{outcome: counts[name][outcome] for outcome in OUTCOMES},
        }  # fmt: skip
    return found


def merge_into(file: Path, found: Mapping[str, Any]) -> None:
    """Replace the rows of a file that this run has."""
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    merged = {part: {**known.get(part, {}), **found[part]} for part in ("run", "compiled")}
    file.write_text(f"{json.dumps(merged, indent=1, sort_keys=True)}\n", encoding="utf-8")
