"""Runs one part: its commands in order, its time against its budget, and repeated failures.

Imports group, verdicts.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ci_parts.group import run_group
from ci_parts.verdicts import Verdicts, read

__all__ = ["Part", "Report", "run_part"]

# A part that takes this many times its budget hangs, even on a busy machine.
HANGS_AFTER = 6
# What others only use is not worth as much time: they skip, and say so.
GIVEN_UP_AFTER = 2
# A part that may be cut begins no more tests after this share of its budget: those that run by then
# end within the rest. A verdict without some programs is better than a late one.
CUT_AFTER = 0.95
AGAIN = 3
# More failures than this are not a coincidence, and repeating them would take too long.
MOST_AGAIN = 8
PROGRAM = "tests/test_programs.py::"


@dataclass(frozen=True, slots=True)
class Part:
    """One row of the table.

    Attributes:
        name: for the summary.
        minutes: its time budget on two cores.
        commands: run in order in the copy of the checkout, up to the first that fails.
        bare: whether it runs with the variables of a new user.
        again: whether a program that fails is run three times alone before it counts.
        provides: its commands only make what other parts use: if one fails, those parts skip.
        may_be_cut: whether tests are left out, and counted, that have not begun after
            `CUT_AFTER` of its budget.
    """

    name: str
    minutes: float
    commands: tuple[tuple[str, ...], ...]
    bare: bool = False
    again: bool = False
    provides: bool = False
    may_be_cut: bool = False

    def begins_no_more_at(self, now_s: float) -> dict[str, str]:
        """The variable for make that says when its tests stop, if it begins now."""
        if not self.may_be_cut:
            return {}
        return {"HOLDFAST_UNTIL": f"{now_s + self.minutes * 60 * CUT_AFTER:.0f}"}


@dataclass(slots=True)
class Report:
    """The result of a part.

    Attributes:
        verdicts: the outcomes of its tests.
        errors: commands that failed although no test failed.
        notes: lines for the summary.
        seconds: the time that it took.
        ended: whether it was not interrupted.
    """

    part: Part
    verdicts: Verdicts = field(default_factory=Verdicts)
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    ended: bool = False

    @property
    def is_red(self) -> bool:
        """Whether anything in it failed, so that the change must not land."""
        return bool(self.errors or self.verdicts.failed())

    def lines(self) -> list[str]:
        """The time, then failures, then notes, then the skipped tests by reason."""
        taken = f"{self.seconds / 60:.1f} of {self.part.minutes:g} minutes"
        over = ", OVER ITS BUDGET" if self.seconds > self.part.minutes * 60 else ""
        verdict = "RED" if self.is_red else "green" if self.ended else "not ended"
        lines = [f"{self.part.name}: {verdict}, {taken}{over}"]
        lines += [f"  FAILED {test}" for test in self.verdicts.failed()]
        lines += [f"  ERROR {error}" for error in self.errors]
        lines += [f"  {note}" for note in (*self.verdicts.notes, *self.notes)]
        skipped = self.verdicts.skipped()
        if skipped:
            lines.append(f"  skipped, {sum(count for _, count in skipped)}:")
            lines += [f"    {count:4} {reason}" for reason, count in skipped]
        return lines


Runner = Callable[[Sequence[str], Mapping[str, str], float], int]


def run_part(
    report: Report, folder: Path, environ: Mapping[str, str], outcomes: Path, runner: Runner
) -> None:
    """Run a part's commands; then, if the part says so, each program that failed, alone.

    Args:
        report: of the part. It has what was found so far if the run is interrupted.
        folder: the copy of the checkout.
        environ: the variables for its commands.
        outcomes: the file with the outcomes of its tests.
        runner: `command_runner`, or a test's replacement.
    """
    begun_s = time.monotonic()
    part = report.part
    variables = {**environ, "HOLDFAST_OUTCOMES": str(outcomes)}
    variables |= part.begins_no_more_at(time.time())
    most_s = part.minutes * 60 * (GIVEN_UP_AFTER if part.provides else HANGS_AFTER)
    for command in part.commands:
        left_s = most_s - (time.monotonic() - begun_s)
        try:
            status = runner(command, variables, left_s)
        finally:
            report.verdicts = read(outcomes)
            report.seconds = time.monotonic() - begun_s
        if status == 0:
            continue
        told = f"{' '.join(command)} ended with status {status}"
        if part.provides:
            report.notes.append(f"{told}: what needs it is skipped")
            continue
        # make has an exit status of its own for failed tests, which are reported separately. But an
        # interpreter that dies reports no tests.
        if not report.verdicts.failed() or status < 0:
            report.errors.append(told)
        break
    if part.again:
        _again(report, folder, environ, outcomes, runner)
        report.seconds = time.monotonic() - begun_s
    report.ended = True


def _again(
    report: Report, folder: Path, environ: Mapping[str, str], outcomes: Path, runner: Runner
) -> None:
    """Run each program that failed three times alone; one more failure is red."""
    programs = [test for test in report.verdicts.failed() if test.startswith(PROGRAM)]
    if len(programs) > MOST_AGAIN:
        report.notes.append(f"{len(programs)} programs failed: too many to run each again")
        return
    python = str(folder / ".venv" / "bin" / "python")
    for number, test in enumerate(programs):
        for attempt in range(AGAIN):
            file = outcomes.with_name(f"{outcomes.stem}-{number}-{attempt}.jsonl")
            command = (python, "-m", "pytest", "-q", f"--outcomes={file}", test)
            status = runner(command, environ, report.part.minutes * 60)
            if status != 0 or read(file).outcomes.get(test) != "passed":
                report.notes.append(f"failed again alone, in run {attempt + 1}: {test}")
                break
        else:
            report.verdicts.excuse(test)
            report.notes.append(f"failed once, passed {AGAIN} times alone: {test}")


def command_runner(folder: Path) -> Runner:
    """Runs commands in `folder`, each in its own process group that ends with it."""

    def run(command: Sequence[str], environ: Mapping[str, str], limit_s: float) -> int:
        print(f"\n$ {' '.join(command)}", flush=True)
        status = run_group(command, max(limit_s, 1), folder=folder, environ=environ)
        if status is None:
            print(f"stopped after {limit_s:.0f} s: it hangs", flush=True)
            return -signal.SIGKILL
        return status

    return run
