"""What a check returns: a code, a verdict, evidence, and one thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Finding", "Room", "Verdict", "bad", "good", "skipped", "warning"]


class Verdict(Enum):
    """The result of a check. Only `BAD` makes the doctor's exit status 1."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    SKIPPED = "skipped"


class Room(Enum):
    """The part of the machine that a check is about; each has a heading in the report."""

    PYTHON = "python"
    ENVIRONMENT = "environment"
    COMPILER = "compiler"
    CMAKE = "cmake"
    BINARY = "binary"
    BUNDLE = "bundle"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        code: ``HFnnn``, for ``holdfast explain``. A check has the same code when it is good,
            so that its line can be found in the report.
        room: the part of the machine.
        verdict: the result.
        title: what was found, in a few words.
        evidence: the paths and values that show it, one per line.
        fix: one thing to do, ready to paste if it is a command; empty if there is nothing
            to do.
    """

    code: str
    room: Room
    verdict: Verdict
    title: str
    evidence: tuple[str, ...] = ()
    fix: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for a warning without a fix, or a good result with one."""
        needs_fix = self.verdict in (Verdict.WARNING, Verdict.BAD)
        if needs_fix != bool(self.fix):
            raise ValueError(f"{self.code} is {self.verdict.value} with the fix {self.fix!r}")


def good(code: str, room: Room, title: str, *evidence: str) -> Finding:
    """A check that found nothing wrong."""
    return Finding(code, room, Verdict.GOOD, title, evidence)


def warning(code: str, room: Room, title: str, *evidence: str, fix: str) -> Finding:
    """Something that works today but is likely to cause trouble later."""
    return Finding(code, room, Verdict.WARNING, title, evidence, fix)


def bad(code: str, room: Room, title: str, *evidence: str, fix: str) -> Finding:
    """Something that stops a host from building, starting, or working correctly."""
    return Finding(code, room, Verdict.BAD, title, evidence, fix)


def skipped(code: str, room: Room, title: str, *evidence: str) -> Finding:
    """A check that could not run, and why; a check is never left out silently."""
    return Finding(code, room, Verdict.SKIPPED, title, evidence)
