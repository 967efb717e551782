"""What a check says: a code, a verdict, what it saw, and one thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Finding", "Room", "Verdict", "bad", "good", "skipped", "warning"]


class Verdict(Enum):
    """How a check went. Only `BAD` makes the doctor's exit status 1."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    SKIPPED = "skipped"


class Room(Enum):
    """The part of the machine that a check looks at; the report has one heading for each."""

    PYTHON = "python"
    ENVIRONMENT = "environment"
    COMPILER = "compiler"
    CMAKE = "cmake"
    BINARY = "binary"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        code: ``HFnnn``, for ``holdfast explain``; a check has the same code when it is
            green, so that a line can be looked for.
        room: where the check looked.
        verdict: how it went.
        title: what was found, in a few words.
        evidence: the paths and values that show it, one per line.
        fix: one thing to do, ready to paste where it is a command; empty when there is
            nothing to do.
    """

    code: str
    room: Room
    verdict: Verdict
    title: str
    evidence: tuple[str, ...] = ()
    fix: str = ""

    def __post_init__(self) -> None:
        """A warning without a fix, or a fix without a warning, is a mistake of the check."""
        needs_fix = self.verdict in (Verdict.WARNING, Verdict.BAD)
        if needs_fix != bool(self.fix):
            raise ValueError(f"{self.code} is {self.verdict.value} with the fix {self.fix!r}")


def good(code: str, room: Room, title: str, *evidence: str) -> Finding:
    """A check that found nothing wrong."""
    return Finding(code, room, Verdict.GOOD, title, evidence)


def warning(code: str, room: Room, title: str, *evidence: str, fix: str) -> Finding:
    """Something that works here and now, and will surprise somebody."""
    return Finding(code, room, Verdict.WARNING, title, evidence, fix)


def bad(code: str, room: Room, title: str, *evidence: str, fix: str) -> Finding:
    """Something that keeps a host from being built, from starting, or from being right."""
    return Finding(code, room, Verdict.BAD, title, evidence, fix)


def skipped(code: str, room: Room, title: str, *evidence: str) -> Finding:
    """A check that could not be made, and why; never a silent omission."""
    return Finding(code, room, Verdict.SKIPPED, title, evidence)
