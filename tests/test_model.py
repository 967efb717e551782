"""The gate and the end of kept thread states, checked over every interleaving by spin.

tests/model/gate.pml is the argument on top of gate/gate.hpp, thread_exit.pml the one on top
of attach/cached_state.hpp and attach/attach_guard.hpp. A mutant is a model with one needed thing left out: if spin does not
find it wrong, the model shows nothing.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness import run_command
from pyholdfast import paths

MODELS = Path(__file__).resolve().parent / "model"
GATE_HEADER = paths.include_dir() / "holdfast" / "gate" / "gate.hpp"
LABEL = re.compile(r"\b([ELCW][1-9])\b")
# Where the steps of thread_exit.pml are taken, and how a line says which it is.
EXIT_SOURCES = (
    "attach/attach_guard.ipp",
    "attach/cached_state.ipp",
    "lifecycle/drain.hpp",
    "gate/registry.hpp",
    "lifecycle/interrupt_threads.hpp",
)
EXIT_STEP = re.compile(r"^ *[^ /].*// ([ATFQ][1-9])\b", re.MULTILINE)
SEARCH_LIMIT_S = 240

ASSERTION = "assertion violated"
STUCK = "invalid end state"
STARVATION = "acceptance cycle"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a search found.

    Attributes:
        states: how many different states it stored.
        complete: nothing was cut off: the figures are of all reachable states.
        error: spin's words for the first error; empty if there is none.
        text: all that spin printed.
    """

    states: int
    complete: bool
    error: str
    text: str


@dataclass(frozen=True, slots=True)
class Search:
    """One configuration of a model.

    Attributes:
        model: file in tests/model, without its ending.
        flags: preprocessor definitions, without ``-D``.
        forever: threads never stop coming: an infinite run is judged under weak fairness.
        states: at least as many must be found, lest the model has become empty.
    """

    model: str
    flags: tuple[str, ...] = ()
    forever: bool = False
    states: int = 10_000

    @property
    def name(self) -> str:
        """For test names and the printed figures."""
        words = [flag.removeprefix("MUTANT_").lower() for flag in self.flags]
        return "-".join([self.model, *words, *(["forever"] if self.forever else [])])


FOREVER = ("ENTRIES=0", "REOPENS=1")
PROOFS = (
    Search("gate", states=300_000),
    Search("gate", ("SYMMETRIC",), states=100_000),
    Search("gate", ("WORKERS=3", "ENTRIES=1", "REOPENS=0"), states=1_000_000),
    Search("gate", ("WORKERS=3", "ENTRIES=1", "SYMMETRIC"), states=500_000),
    Search("gate", ("GUARDS", "WORKERS=1", "ENTRIES=3"), states=100_000),
    Search("gate", ("GUARDS", "WORKERS=2", "ENTRIES=2", "SYMMETRIC"), states=1_000_000),
    Search("gate", FOREVER, forever=True, states=100_000),
    Search("gate", (*FOREVER, "SYMMETRIC"), forever=True, states=30_000),
    Search("thread_exit", states=100_000),
    Search("thread_exit", ("GENERATIONS=3",), states=300_000),
    Search("thread_exit", ("THREADS=3", "CALLS=1"), states=500_000),
    Search("child_end", states=500),
    Search("child_end", ("ROUNDS=4", "USERS=2"), states=2_000),
)
# What is left out of the model, and what spin must say about it.
MUTANTS = (
    (Search("gate", ("MUTANT_NO_BARRIER",)), ASSERTION),
    (Search("gate", ("MUTANT_NO_SECOND_LOOK",)), ASSERTION),
    (Search("gate", ("MUTANT_LEAVE_BEFORE_LAST_TOUCH",)), ASSERTION),
    (Search("gate", ("MUTANT_LINK_LATE",)), ASSERTION),
    (Search("gate", ("MUTANT_ENTER_RELAXED", "SYMMETRIC")), ASSERTION),
    (Search("gate", ("MUTANT_LEAVE_RELAXED", "SYMMETRIC")), STUCK),
    (Search("gate", ("MUTANT_WAIT_ATTACHED",)), STUCK),
    (Search("gate", ("MUTANT_NOTIFY_WITHOUT_LOCK",)), STUCK),
    (Search("gate", ("MUTANT_LOOK_WITHOUT_LOCK",)), STUCK),
    (Search("gate", ("MUTANT_NO_WAKE",)), STUCK),
    (Search("gate", ("MUTANT_NO_DISOWN", "GUARDS", "WORKERS=1")), ASSERTION),
    (Search("gate", ("MUTANT_DROP_GUARD_FIRST", "GUARDS", "WORKERS=1")), ASSERTION),
    (Search("gate", ("MUTANT_GUARD_NO_NOTIFY", "GUARDS", "WORKERS=1")), STUCK),
    (Search("gate", ("MUTANT_NO_CLOSING", *FOREVER), forever=True), STARVATION),
    (Search("gate", ("MUTANT_NO_LOOK_BEFORE", *FOREVER), forever=True), STARVATION),
    (Search("thread_exit", ("MUTANT_HOOK_WITHOUT_GATE",)), ASSERTION),
    (Search("thread_exit", ("MUTANT_DELETES_WHEN_REFUSED",)), ASSERTION),
    (Search("thread_exit", ("MUTANT_LEAVES_FIRST",)), ASSERTION),
    (Search("thread_exit", ("MUTANT_NO_GENERATION",)), ASSERTION),
    (Search("thread_exit", ("MUTANT_NO_DRAIN",)), ASSERTION),
    (Search("thread_exit", ("MUTANT_FINALIZER_FORGETS",)), ASSERTION),
    (Search("thread_exit", ("MUTANT_OPENS_FIRST",)), ASSERTION),
    (Search("thread_exit", ("MUTANT_DELETES_WHAT_IS_NOTED",)), ASSERTION),
    (Search("thread_exit", ("MUTANT_ASKS_WITHOUT_LOCK",)), ASSERTION),
    (Search("child_end", ("MUTANT_UNLINKS_FIRST",)), ASSERTION),
    (Search("child_end", ("MUTANT_REMOVES_AT_ONCE",)), ASSERTION),
    (Search("child_end", ("MUTANT_NOT_ALONE",)), ASSERTION),
    (Search("child_end", ("MUTANT_NO_SECOND_LOOK",)), ASSERTION),
    (Search("child_end", ("MUTANT_BOTH_DELETE",)), ASSERTION),
    (Search("child_end", ("MUTANT_NOBODY_DELETES",)), ASSERTION),
)


def explore(search: Search, folder: Path) -> Finding:
    """Let spin explore a configuration, or skip the test where a tool is missing."""
    spin, compiler = shutil.which("spin"), shutil.which("gcc") or shutil.which("cc")
    if spin is None:
        pytest.skip("spin is not installed (Debian: apt-get install spin)")
    if compiler is None:
        pytest.skip("spin's output needs a C compiler, and there is none")
    defines = [f"-D{flag}" for flag in search.flags]
    if search.forever:
        build, run = ["-DNFAIR=4"], ["-a", "-f"]
    else:
        build, run = ["-DSAFETY"], []
    out = ""
    for command in (
        [spin, "-a", *defines, str(MODELS / f"{search.model}.pml")],
        [compiler, "-O2", "-w", *build, "-o", "pan", "pan.c"],
        ["./pan", *run, "-m1000000"],
    ):
        outcome = run_command(command, deadline_s=SEARCH_LIMIT_S, cwd=folder)
        assert outcome.code == 0, outcome.explain()
        out = outcome.out
    stored = re.search(r"(\S+) states, stored", out)
    error = re.search(r"^pan:\d+: (.*)$", out, re.MULTILINE)
    assert stored is not None, out
    cut = ("Search not completed", "max search depth too small", "out of memory")
    return Finding(
        states=int(float(stored[1])),
        complete=not any(words in out for words in cut),
        error=error[1] if error is not None else "",
        text=out,
    )


@pytest.mark.long
@pytest.mark.parametrize("search", PROOFS, ids=lambda search: search.name)
def test_the_protocol_holds_in_every_interleaving(
    search: Search, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The protocol fails in no reachable state, and every state was explored."""
    found = explore(search, tmp_path)
    with capsys.disabled():
        print(f"\n  {search.name}: {found.states:,} states, {found.error or 'no error'}", end=" ")

    assert found.error == "", found.text
    assert "errors: 0" in found.text, found.text
    assert found.complete, found.text
    assert found.states >= search.states, found.text


@pytest.mark.long
@pytest.mark.parametrize(("search", "error"), MUTANTS, ids=[search.name for search, _ in MUTANTS])
def test_a_model_with_a_needed_thing_left_out_is_found_wrong(
    search: Search, error: str, tmp_path: Path
) -> None:
    """Spin finds the failure that the missing step prevents."""
    found = explore(search, tmp_path)

    assert error in found.error, found.text


@pytest.mark.parametrize("model", ["gate", "thread_exit"])
def test_every_mutant_of_a_model_is_tried(model: str) -> None:
    """A mutant in the model that is never run would prove nothing."""
    written = set(re.findall(r"\b(MUTANT_\w+)", (MODELS / f"{model}.pml").read_text("utf-8")))
    tried = {search.flags[0] for search, _ in MUTANTS if search.model == model}

    assert written == tried


def test_model_and_gate_name_the_same_steps() -> None:
    """Each step of the argument is a label in the model, and marks a line of the code."""
    argument, code = GATE_HEADER.read_text("utf-8").split("#pragma once")
    marked = Counter(
        label for line in code.splitlines() for label in LABEL.findall(line.partition("//")[2])
    )
    steps = set(
        re.findall(r"^([ELCW][1-9]):", (MODELS / "gate.pml").read_text("utf-8"), re.MULTILINE)
    )

    assert steps == set(LABEL.findall(argument))
    assert steps == set(marked)


def test_model_and_code_name_the_same_steps_of_a_thread_s_exit() -> None:
    """Each step is marked once in the model, and once on a line of code."""
    model = re.findall(r"/\* ([ATFQ][1-9]) \*/", (MODELS / "thread_exit.pml").read_text("utf-8"))
    marked = [
        label
        for name in EXIT_SOURCES
        for label in EXIT_STEP.findall((GATE_HEADER.parents[1] / name).read_text("utf-8"))
    ]

    assert sorted(model) == sorted(marked)
    assert len(set(model)) == len(model) == 14
