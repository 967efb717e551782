"""Describes a failure: the case, the thread, the stacks."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyholdfast.process_end import crash_or_status

__all__ = ["HammerFailure", "Run", "tell"]

PHASES = (
    "alone on one native thread",
    "all threads at once",
    "all threads, from C++ within Python",
    "while the interpreter is finalized",
)
HUNG = 4  # exit_hung of host.hpp
SHOWN = 8000


class HammerFailure(AssertionError):  # noqa: N818 - a failure of the test, not an error in it
    """A function fails when native threads call it.

    Attributes:
        code: HF513 for a different result, HF514 for a crash, HF515 for a hang.
    """

    def __init__(self, code: str, text: str) -> None:
        """Keep code and text as the exception's arguments, so that copy and pickle keep them."""
        super().__init__(code, text)
        self.code = code
        self.text = text

    def __str__(self) -> str:
        """The whole text."""
        return f"{self.code} {self.text}"


@dataclass(frozen=True, slots=True)
class Run:
    """The result of a host's run.

    Attributes:
        subject: the function, e.g. ``pricing.price()``.
        cases: as text.
        status: the process's exit status; None if it was killed long after its deadline.
        output: what it wrote.
        folder: folder with the other files that it left.
    """

    subject: str
    cases: Sequence[str]
    threads: int
    deadline: float
    status: int | None
    output: str
    folder: Path


def tell(run: Run) -> HammerFailure | None:
    """The failure, or None."""
    if run.status is None or run.status == HUNG:
        whole = [f"{run.subject} has not ended after {run.deadline:g} s of {run.threads} threads"]
        remedy = (
            "find the lock or event that the threads wait for; if they are working, raise deadline="
        )
        return HammerFailure("HF515", _joined([*whole, *_aftermath(run)], remedy))
    differences = _lines(run.folder / "differences")
    if run.status != 0:
        whole = [f"{run.subject} has ended its process: {crash_or_status(run.status)}"]
        remedy = "fix what the stacks show"
        return HammerFailure("HF514", _joined([*whole, *_aftermath(run)], remedy))
    return HammerFailure("HF513", _difference(run, differences)) if differences else None


def _difference(run: Run, differences: Sequence[str]) -> str:
    entries = [json.loads(line) for line in differences if line]
    first = entries[0]
    phase, thread, turn, which = first["position"]
    word = {"returned": "from C++", "raised": "from C++", "refused": "C++ said"}[first["how"]]
    told = [("case", f"{which}: {run.cases[which]}")]
    told += [("directly", first["direct"])] if first["direct"] else []
    told += [
        (word, first["found"].replace("\n", "\n            ")),
        ("where", _where(thread, phase, turn)),
    ]
    wrong = sorted({entry["position"][3] for entry in entries})
    told.append(
        ("in all", f"{_count(len(differences), 'call')}, of {_count(len(wrong), 'case')}: {wrong}")
    )
    remedy = (
        "correct the hints or the case: this happens on a single thread, so it is not a race"
        if phase == 0
        else "find what the calls share, e.g. a global or a cache, and guard it"
    )
    head = f"{run.subject} gives a different result on native threads than in Python"
    return _joined([head, *(f"  {name:<9} {text}" for name, text in told)], remedy)


def _aftermath(run: Run) -> list[str]:
    """Where each thread was, the one that ended the process first; then stacks and output."""
    stacks = _text(run.folder / "stacks")
    culprit = re.search(r"^Current thread 0x0*([0-9a-f]+)", stacks, re.MULTILINE)
    lines: list[str] = []
    for thread, (ident, phase, turn, which) in enumerate(_positions(run.folder / "progress")):
        stacks = re.sub(rf"0x0*{ident:x}\b", f"'hammer {thread}'", stacks)
        if which < 0 or ident == 0:  # between two calls, or not started
            continue
        line = f"{_where(thread, phase, turn)}: case {which}: {run.cases[which]}"
        if culprit is not None and int(culprit[1], 16) == ident:
            lines.insert(0, f"  it was {line}")
        else:
            lines.append(f"  {line}")
    if told := len(_lines(run.folder / "differences")):
        lines.append(
            f"  before that, {_count(told, 'call')} gave a different result than in Python"
        )
    for title, text in (("Python stacks", stacks), ("what the host wrote", run.output)):
        if text.strip():
            lines += [f"--- {title}", text.strip()[-SHOWN:]]
    return lines


def _where(thread: int, phase: int, turn: int) -> str:
    return f"thread {thread}, round {turn}, {PHASES[phase]}"


def _positions(file: Path) -> list[tuple[Any, ...]]:
    """The last record of each thread: its identity, phase, round and case."""
    try:
        return list(struct.iter_unpack("=Qqqq", file.read_bytes()))
    except (OSError, struct.error):
        return []


def _lines(file: Path) -> list[str]:
    return _text(file).splitlines()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _joined(lines: Sequence[str], remedy: str) -> str:
    return "\n".join([*lines, f"  do: {remedy}"])
