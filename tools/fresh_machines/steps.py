"""A table: what a new user does on a fresh machine, in this order, and the expected outcomes.

Data, and functions that judge an output. Imports nothing of this package.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["BLANK_AND_UMLAUT", "PLAIN", "STEPS", "Step", "asked_for", "judged"]

PLAIN = "holdfast"
BLANK_AND_UMLAUT = "meine Prüfstände/holdfast"
ENDED = "finalize(): all threads have left, Python has ended"


@dataclass(frozen=True, slots=True)
class Step:
    """One row.

    Attributes:
        name: for the report.
        command: run in the checkout, as an ordinary user.
        succeeds: whether its status must be 0.
        says: texts that its output must contain.
        install: whether the packages that our messages have asked for so far are installed first.
        but: packages that are not installed then, or are removed again.
        offline: without any network.
        read_only_home: HOME is not writable, and the checkout is elsewhere.
        place: folder of the checkout.
        no_environment: the command must leave no .venv.
        stays: HOME is as the step before has left it.
        releases: the Debian releases on which it is tried; all if empty.
        minutes: its time limit.
    """

    name: str
    command: str
    succeeds: bool
    says: tuple[str, ...]
    install: bool = False
    but: tuple[str, ...] = ()
    offline: bool = False
    read_only_home: bool = False
    place: str = PLAIN
    no_environment: bool = False
    stays: bool = False
    releases: tuple[str, ...] = ()
    minutes: float = 15

    @property
    def is_long(self) -> bool:
        """Whether it runs the tests."""
        return self.succeeds and self.command == "make test"


STEPS = (
    Step("nothing installed", "make demo", succeeds=False, says=("apt install python3 python3-dev g++",)),
    Step("no headers", "make demo", succeeds=False, install=True, but=("python3-dev",),
         says=("apt install python3-dev\n",)),
    Step("the demo", "make demo", succeeds=True, install=True, says=(ENDED, "holdfast: compiling ")),
    Step("the demo offline", "make demo", succeeds=True, offline=True, says=(ENDED,)),
    Step("HOME read-only", "make demo", succeeds=True, read_only_home=True,
         says=(ENDED, "holdfast demo: cannot write ", "' instead\n")),
    Step("a path with a blank and an umlaut", "make demo", succeeds=True, place=BLANK_AND_UMLAUT,
         says=(ENDED,)),
    Step("no venv", "make test", succeeds=False, no_environment=True,
         says=("apt install python3-venv\n",)),
    Step("the tests offline", "make test", succeeds=False, install=True, offline=True,
         no_environment=True, says=("the network is needed once", "\n  do: connect this machine")),
    Step("the tests", "make test", succeeds=True, says=(" passed",), releases=("bookworm",),
         minutes=90),
    Step("the tests in a path with a blank and an umlaut", "make test", succeeds=True,
         says=(" passed",), place=BLANK_AND_UMLAUT, releases=("trixie",), minutes=90),
    Step("no compiler", "make demo", succeeds=False, but=("g++",), says=("apt install g++\n",)),
)  # fmt: skip


def asked_for(output: str) -> list[str]:
    r"""The packages that a message asks for.

    >>> asked_for("  - no headers\nTo install it:\n    apt install python3-dev g++\n")
    ['python3-dev', 'g++']
    """
    found = re.search(r"^ {4}apt install (.+)$", output, re.MULTILINE)
    return found[1].split() if found else []


def judged(step: Step, status: int, output: str, *, environment: bool) -> list[str]:
    """The differences between the outcome of a step and the expected one."""
    wrong = []
    if (status == 0) != step.succeeds:
        wrong.append(f"it ended with status {status}")
    wrong += [f"it does not say {words!r}" for words in _missing(step.says, output)]
    if step.no_environment and environment:
        wrong.append("it left a .venv")
    return wrong


def _missing(says: Sequence[str], output: str) -> list[str]:
    return [words for words in says if words not in output]
