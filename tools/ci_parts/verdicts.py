"""The outcomes of a part's tests, read from the file that pytest left, merged and counted.

Imports nothing of this package.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

__all__ = ["Verdicts", "closing_line", "merged", "read"]

WIDTH = 80


@dataclass(slots=True)
class Verdicts:
    """Outcomes by test.

    Attributes:
        outcomes: ``passed``, ``failed`` or ``skipped``.
        reasons: why a test was skipped.
        notes: what the run reports about itself, e.g. which Pythons it found.
    """

    outcomes: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, test: str, outcome: str, reason: str = "") -> None:
        """Record an outcome: a failure stays, whatever follows; a skip is replaced by anything."""
        before = self.outcomes.get(test)
        if before == "failed" or (before == "passed" and outcome == "skipped"):
            return
        self.outcomes[test] = outcome
        if outcome == "skipped":
            self.reasons[test] = reason or "no reason given"
        else:
            self.reasons.pop(test, None)

    def failed(self) -> list[str]:
        """The tests that failed, in the order of their failures."""
        return [test for test, outcome in self.outcomes.items() if outcome == "failed"]

    def skipped(self) -> list[tuple[str, int]]:
        """The number of skipped tests for each reason, the most frequent first."""
        return Counter(self.reasons.values()).most_common()

    def excuse(self, test: str) -> None:
        """Count a test that failed as passed, because it passed when it was repeated."""
        self.outcomes[test] = "passed"


def read(file: Path) -> Verdicts:
    """The outcomes that a run left; none if it left no file."""
    found = Verdicts()
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:  # the last line, if the run was killed while writing it
                continue
            if "note" in entry:
                found.notes.append(entry["note"])
            else:
                found.add(entry["test"], entry["outcome"], entry["reason"])
    return found


def merged(parts: Iterable[Verdicts]) -> Verdicts:
    """Each test once; a test counts as skipped only if no part ran it."""
    whole = Verdicts()
    for part in parts:
        for test, outcome in part.outcomes.items():
            whole.add(test, outcome, part.reasons.get(test, ""))
    return whole


def closing_line(outcomes: Mapping[str, str], errors: int, seconds: float) -> str:
    """A closing line like pytest's, failures first.

    >>> closing_line({"a": "passed", "b": "skipped", "c": "passed"}, 1, 61.04)
    '=============== 2 passed, 1 skipped, 1 error in 61.04s (0:01:01) ==============='
    """
    counts = Counter(outcomes.values())
    words = [f"{counts[word]} {word}" for word in ("failed", "passed", "skipped") if counts[word]]
    if errors:
        words.append(f"{errors} error{'' if errors == 1 else 's'}")
    clock = timedelta(seconds=int(seconds))
    text = f"{', '.join(words) or 'no tests ran'} in {seconds:.2f}s ({clock})"
    return f" {text} ".center(WIDTH, "=")
