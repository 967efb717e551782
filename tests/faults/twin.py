"""Runs the twins: the effect of a fault with plain CPython, or with pybind11's guards.

A twin that hangs, crashes or ends its process is a result, not a failure.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from harness import environment_for
from program_build import build_program
from program_text import Program

if TYPE_CHECKING:
    from matrix import MatrixPython

__all__ = ["PEERS", "build_twins", "faults_with_twins", "run_twin", "worst"]

SOURCES = Path(__file__).resolve().parent
PEERS = ("CPython", "pybind11")
# From best to worst. "exit": the process was ended with a status of its own. "unwind": a thread was
# ended by force. "lost": a call, a result, an exception, a lock or memory is gone, and nobody said so.
WORDS = ("n/a", "ok", "lost", "exit", "unwind", "hang", "crash")
# A twin ends itself; this is for one whose own clock is dead.
DEADLINE_S = 45
VERDICT = re.compile(r"^verdict: (\S+): ?(.*)$", re.MULTILINE)


def faults_with_twins() -> frozenset[str]:
    """The names in the table of twins.cpp."""
    text = (SOURCES / "twins.cpp").read_text(encoding="utf-8")
    return frozenset(re.findall(r'^    \{"(F\d\d)", ', text, re.MULTILINE))


def build_twins(python: MatrixPython, peer: str) -> Path:
    """The program with all twins of a peer.

    Raises:
        CompileError: if it does not compile or link.
    """
    number = PEERS.index(peer)
    return build_program(
        Program(
            source=SOURCES / "twins.cpp",
            promise="twins of the fault catalogue",
            needs=("pybind11",) if peer == "pybind11" else (),
            flags=(f"-DPEER={number}", "-fvisibility=hidden"),
            shared=(SOURCES / "single_phase.cpp",),
            precompiled=False,
        ),
        python,
    )


def run_twin(binary: Path, python: MatrixPython, fault: str) -> tuple[str, str]:
    """One run: a word of WORDS, and the reason."""
    process = subprocess.Popen(
        [str(binary), fault], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=environment_for(python), start_new_session=True,
    )  # fmt: skip
    try:
        out, _ = process.communicate(timeout=DEADLINE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return "hang", "its own clock stood still"
    if process.returncode < 0:
        return "crash", f"signal {-process.returncode}"
    found = VERDICT.search(out)
    if found is None:
        return "exit", f"the process ended with status {process.returncode}"
    return found.group(1), found.group(2)


def worst(outcomes: list[tuple[str, str]]) -> tuple[str, str]:
    """The worst outcome of several runs of a race, and how often it went wrong."""
    word, why = max(outcomes, key=lambda outcome: WORDS.index(outcome[0]))
    bad = sum(1 for outcome in outcomes if outcome[0] not in ("ok", "n/a"))
    return word, f"{bad} of {len(outcomes)} runs" if len(outcomes) > 1 and bad else why
