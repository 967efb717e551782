"""Leaves what became of each test for tools/ci.py, and takes what an earlier run has left open.

``--outcomes FILE`` writes a line of JSON per outcome: the test, ``passed``, ``failed`` or ``skipped``,
and the reason; before them a note about the run. ``--besides FILE`` reads such a file and runs what it does not say to have passed:
all of the short run, and the programs on all Pythons.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PROGRAM", "Recorder", "add_options", "left_open", "passed_in"]

PROGRAM = "tests/test_programs.py::"


def add_options(parser: pytest.Parser) -> None:
    """Declare both options."""
    # Texts, not paths: pytest's workers are handed nothing else.
    parser.addoption("--outcomes", metavar="FILE", help="leave what became of each test in FILE")
    parser.addoption(
        "--besides",
        metavar="FILE",
        help="run what did not pass by the FILE of an earlier run: the short tests, all programs",
    )


class Recorder:
    """A plugin that appends to the file while the tests run, so that a hang loses none."""

    def __init__(self, file: Path, note: str) -> None:
        self._file = file
        self._append({"note": note})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test has passed when it was called; it may fail, or be skipped, at any stage."""
        if report.when == "call" or not report.passed:
            self._write(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that cannot be read, or skips all it has."""
        if not report.passed:
            self._write(report)

    def _write(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        outcome = "passed" if hasattr(report, "wasxfail") else report.outcome
        reason = ""
        if outcome == "skipped" and isinstance(report.longrepr, tuple):
            reason = report.longrepr[2].removeprefix("Skipped: ")
        self._append({"test": report.nodeid, "outcome": outcome, "reason": reason})

    def _append(self, entry: dict[str, str]) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(entry)}\n")


def passed_in(file: Path) -> set[str]:
    """The tests that passed, by a file of outcomes, and never failed."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    outcomes = [(line["test"], line["outcome"]) for line in lines if "test" in line]
    passed = {test for test, outcome in outcomes if outcome == "passed"}
    return passed - {test for test, outcome in outcomes if outcome == "failed"}


def left_open(items: Iterable[pytest.Item], passed: set[str]) -> list[pytest.Item]:
    """The tests to run besides those that passed."""
    return [
        item
        for item in items
        if item.nodeid not in passed
        and (item.nodeid.startswith(PROGRAM) or item.get_closest_marker("long") is None)
    ]
