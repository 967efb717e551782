"""What a stranger does on a fresh machine, in this order, and what must come of it: a table.

Data and what it takes to judge an output. Imports nothing of this package.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["BLANK_AND_UMLAUT", "STEPS", "Step", "asked_for", "judged"]

PLAIN = "holdfast"
BLANK_AND_UMLAUT = "meine Prüfstände/holdfast"
ENDED = "finalize(): all threads have left, Python has ended"


@dataclass(frozen=True, slots=True)
class Step:
    """One row.

    Attributes:
        name: for the report.
        command: in the checkout, as an ordinary user.
        succeeds: whether its status must be 0.
        says: what its output must have.
        install: whether everything is installed first that our messages have asked for until now.
        but: packages that are left out of that, or removed again.
        offline: without any network.
        read_only_home: HOME may not be written, and the checkout is elsewhere.
        place: of the checkout.
        no_environment: it must leave no .venv.
        releases: of Debian; all if empty.
        minutes: how long it may take.
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
    """What is wrong about the outcome of a step; nothing if it is as it must be."""
    wrong = []
    if (status == 0) != step.succeeds:
        wrong.append(f"it ended with status {status}")
    wrong += [f"it does not say {words!r}" for words in _missing(step.says, output)]
    if step.no_environment and environment:
        wrong.append("it left a .venv")
    return wrong


def _missing(says: Sequence[str], output: str) -> list[str]:
    return [words for words in says if words not in output]
