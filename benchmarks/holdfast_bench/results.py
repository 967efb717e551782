"""The results of a run of the benchmarks, and their JSON form.

They contain no path and no name of the machine, because they are published.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from holdfast_bench.arithmetic import Figure, Goal, Reads
from pyholdfast.errors import UsageError
from pyholdfast.inputs import read_text
from pyholdfast.outputs import put_output

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Comparison", "Gap", "PythonReport", "Report", "load", "save"]

FORM = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row against one opponent, measured.

    Attributes:
        row: key of the row.
        title: the row's name in the table.
        against: the opponent.
        version: the opponent's version, if it has one of its own.
        reads: how to read the figure.
        ours: nanoseconds or bytes, one per round.
        theirs: the same of the opponent.
        figure: the result of the comparison.
        goal: the goal, if there is one.
    """

    row: str
    title: str
    against: str
    version: str
    reads: Reads
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    figure: Figure
    goal: Goal | None


@dataclass(frozen=True, slots=True)
class Gap:
    """One row against one opponent, not measured.

    Attributes:
        row: key of the row.
        title: the row for people.
        against: the opponent.
        why: the reason, in half a line.
        failed: True if it should have worked.
    """

    row: str
    title: str
    against: str
    why: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class PythonReport:
    """All rows on one Python.

    Attributes:
        version: e.g. ``"3.13.5t"``.
        free_threaded: True for a build without a GIL.
        entries: in the order of the table.
        system_calls: per attach + small call + detach, by contender.
        system_calls_gap: why they were not counted; empty if they were.
    """

    version: str
    free_threaded: bool
    entries: tuple[Comparison | Gap, ...]
    system_calls: Mapping[str, float] = field(default_factory=dict)
    system_calls_gap: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """One run.

    Attributes:
        holdfast: its version.
        machine: processor, cores, kernel, compiler, in one line.
        rounds: how many times everything was measured.
        quick: True if samples were too short to publish.
        pythons: one report each.
        headers: `headers.digest` of those that were measured; empty in reports of before.
    """

    holdfast: str
    machine: str
    rounds: int
    quick: bool
    pythons: tuple[PythonReport, ...]
    headers: str = ""

    @property
    def failed(self) -> bool:
        """Whether anything that should work did not build or run."""
        entries = (entry for python in self.pythons for entry in python.entries)
        return any(isinstance(entry, Gap) and entry.failed for entry in entries)


def save(report: Report, path: Path) -> None:
    """Write `report` as JSON.

    Raises:
        HoldfastError: HF112 if the file cannot be written.
    """
    text = json.dumps({"form": FORM, **asdict(report)}, indent=1)
    put_output(path, f"{text}\n".encode())


def load(path: Path) -> Report:
    """Read what `save` has written.

    Raises:
        UsageError: HF145 if the file is missing or is not such a file.
    """
    try:
        said = json.loads(read_text(path))
        return _report(said)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"{type(error).__name__} {error}"
        raise UsageError(
            "HF145",
            f"cannot read results from '{path}': {reason}",
            "make the file again: holdfast bench --json FILE",
        ) from error


def _report(values: dict[str, Any]) -> Report:
    if values["form"] != FORM:
        message = f"form {values['form']}, not {FORM}"
        raise ValueError(message)
    return Report(
        holdfast=values["holdfast"],
        machine=values["machine"],
        rounds=values["rounds"],
        quick=values["quick"],
        pythons=tuple(_python(python) for python in values["pythons"]),
        headers=values.get("headers", ""),
    )


def _python(values: dict[str, Any]) -> PythonReport:
    return PythonReport(
        version=values["version"],
        free_threaded=values["free_threaded"],
        entries=tuple(_entry(entry) for entry in values["entries"]),
        system_calls=values["system_calls"],
        system_calls_gap=values["system_calls_gap"],
    )


def _entry(values: dict[str, Any]) -> Comparison | Gap:
    if "why" in values:
        return Gap(**values)
    goal = values["goal"]
    parts = {
        "ours": tuple(values["ours"]),
        "theirs": tuple(values["theirs"]),
        "figure": Figure(**values["figure"]),
        "goal": None if goal is None else Goal(**goal),
    }
    return Comparison(**{**values, **parts})
