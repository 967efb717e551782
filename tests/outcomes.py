"""Leaves what became of each test for tools/ci.py, and takes what an earlier run has left open.

``--outcomes FILE`` writes a line of JSON per outcome: the test, ``passed``, ``failed`` or ``skipped``,
and the reason; before them a note about the run. ``--besides FILE`` reads such a file and runs what it does not say to have passed:
all of the short run, and the programs on all Pythons.
"""

from __future__ import annotations

import json
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_parts.verdicts import Verdicts, read

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PROGRAM", "add_options", "choose", "left_open", "record_outcomes", "skip_if_late"]

PROGRAM = "tests/test_programs.py::"


def add_options(parser: pytest.Parser) -> None:
    """Declare the options."""
    # Texts, not paths: pytest's workers are handed nothing else.
    parser.addoption("--outcomes", metavar="FILE", help="leave what became of each test in FILE")
    parser.addoption(
        "--besides",
        metavar="FILE",
        help="run what did not pass by the FILE of an earlier run: the short tests, all programs",
    )
    parser.addoption(
        "--until",
        metavar="SECONDS",
        type=int,
        help="since 1970: skip the tests that have not begun by then; any may be among them",
    )


def record_outcomes(config: pytest.Config, note: str) -> None:
    """Keep the outcomes from here on, if that was asked for; a hook calls it with a note about the run."""
    file = config.getoption("--outcomes")
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Recorder(Path(file), note), "outcomes")


def choose(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The hook that leaves out the tests that another run has done, if such a run is named.

    If the run's time is limited, the order goes by the limit, so that each run leaves out others.
    """
    file = config.getoption("--besides")
    if file is not None:
        kept = left_open(items, read(Path(file)))
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept
    if until := config.getoption("--until"):
        items.sort(key=lambda item: zlib.crc32(f"{until} {item.nodeid}".encode()))


def skip_if_late(item: pytest.Item) -> None:
    """The hook that skips a test that begins when the run's time is over."""
    until = item.config.getoption("--until")
    if until and time.time() > until:
        pytest.skip("the time of this part was over before it began")


class _Recorder:
    """A plugin that appends to the file while the tests run, so that a hang loses none."""

    def __init__(self, file: Path, note: str) -> None:
        self._file = file
        self._append({"note": note})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test has passed when its call has passed; it may fail, or be skipped, at any stage."""
        if report.when == "call" or not report.passed:
            self._write(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that cannot be imported, or skips all its tests."""
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


def left_open(items: Iterable[pytest.Item], earlier: Verdicts) -> list[pytest.Item]:
    """The tests that did not pass in an earlier run."""
    return [
        item
        for item in items
        if earlier.outcomes.get(item.nodeid) != "passed"
        and (item.nodeid.startswith(PROGRAM) or item.get_closest_marker("long") is None)
    ]
