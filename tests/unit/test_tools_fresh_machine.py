"""tools/fresh_machine.py: the steps, and how they are judged. No root, and no tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

import fresh_machine
from fresh_machines.first_use import MOVED, first_use, packages_named, program_of
from fresh_machines.root import LOCAL_PATH, Root
from fresh_machines.steps import STEPS, Step, asked_for, judged

if TYPE_CHECKING:
    from collections.abc import Sequence

ASKS = "missing\nTo install it:\n    apt install python3-dev g++\n"


@dataclass
class Machine:
    """Replaces a tree: prints prepared output, and records what was done."""

    prints: list[tuple[int, str]]
    release: str = "any"
    done: list[str] = field(default_factory=list)

    def install(self, packages: Sequence[str]) -> None:
        """Record it."""
        self.done.append(f"install {' '.join(packages)}")

    def uninstall(self, packages: Sequence[str]) -> None:
        """Record it."""
        self.done.append(f"remove {' '.join(packages)}")

    def move_in(self, _: Path, place: str, *, read_only_home: bool) -> str:
        """Do nothing."""
        return f"/{'srv' if read_only_home else 'home'}/{place}"

    def own(self, place: str) -> str:
        """Do nothing."""
        return f"/home/{place}"

    def has(self, inside: str) -> bool:
        """Whether it is the one path that exists."""
        return inside == "/home/left/.venv"

    def run(self, command: str, folder: str, *, offline: bool, limit_s: float) -> tuple[int, str]:
        """Return the next answer."""
        assert limit_s > 0
        self.done.append(f"{command} in {folder}{' offline' if offline else ''}")
        return self.prints.pop(0)


def try_out(machine: Machine, *rows: Step) -> int:
    """The tool's own loop."""
    return fresh_machine.try_out(cast("Root", machine), rows)


def test_only_what_was_asked_for_is_installed() -> None:
    """Except what a step leaves out; and it is removed again if a later step lacks it."""
    machine = Machine([(1, ASKS), (0, ""), (1, ASKS), (0, ""), (1, "")])
    rows = (
        Step("nothing", "make demo", succeeds=False, says=()),
        Step("some", "make demo", succeeds=True, says=(), install=True, but=("g++",)),
        Step("again", "make demo", succeeds=False, says=(), offline=True),
        Step("all", "make test", succeeds=True, says=(), install=True, read_only_home=True),
        Step("less", "make test", succeeds=False, says=(), but=("g++",)),
    )

    assert try_out(machine, *rows) == 0
    assert machine.done == [
        "make demo in /home/holdfast",
        "install python3-dev",
        "make demo in /home/holdfast",
        "make demo in /home/holdfast offline",
        "install python3-dev g++",
        "make test in /srv/holdfast",
        "remove g++",
        "make test in /home/holdfast",
    ]


@pytest.mark.parametrize(
    ("step", "status", "output", "wrong"),
    [
        (Step("s", "c", succeeds=True, says=("a",)), 0, "bab", []),
        (Step("s", "c", succeeds=True, says=("a",)), 2, "a", ["it ended with status 2"]),
        (Step("s", "c", succeeds=False, says=("a",)), 0, "a", ["it ended with status 0"]),
        (Step("s", "c", succeeds=True, says=("a", "c")), 0, "b", ["it does not say 'a'", "it does not say 'c'"]),
        (Step("s", "c", succeeds=True, says=(), no_environment=True), 0, "", ["it left a .venv"]),
    ],
)  # fmt: skip
def test_an_outcome_is_judged(step: Step, status: int, output: str, wrong: list[str]) -> None:
    """Its status, its words, and the files left behind."""
    assert judged(step, status, output, environment=True) == wrong


def test_what_is_wrong_is_counted_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """With the end of the output."""
    machine = Machine([(3, "the last words\n"), (0, "")])
    row = Step("it", "make demo", succeeds=True, says=(), place="left", no_environment=True)

    assert try_out(machine, row, Step("fine", "make demo", succeeds=True, says=())) == 1

    told = capsys.readouterr().out
    assert "any: it: WRONG" in told
    assert "  | the last words\n" in told
    assert "  it ended with status 3\n  it left a .venv\n" in told
    assert "any: fine: right" in told


def test_the_table_begins_with_nothing_and_ends_with_the_tests() -> None:
    """The first message asks for everything at once; each release runs the tests once."""
    assert not STEPS[0].install
    assert asked_for(f"    {STEPS[0].says[0]}\n") == ["python3", "python3-dev", "g++"]
    long = [step.releases for step in STEPS if step.is_long]
    assert sorted(long) == [(release,) for release in sorted(fresh_machine.RELEASES)]


def test_indexes_in_folders_are_found_and_hosts_are_not() -> None:
    """In pip's files and variables."""
    text = "index-url = https://host/simple/x\nfind-links = /srv/wheels\nurl = file:///srv/index/simple /a-b"

    assert LOCAL_PATH.findall(text) == ["/srv/wheels", "/srv/index/simple", "/a-b"]


def test_a_step_that_stays_finds_what_the_one_before_has_left() -> None:
    """HOME is not emptied, and no checkout is copied."""
    machine = Machine([(0, "")])

    assert (
        try_out(machine, Step("next", "./app", succeeds=True, says=(), place="x", stays=True)) == 0
    )
    assert machine.done == ["./app in /home/x"]


def test_first_use_follows_the_readme() -> None:
    """Its packages, its host and output, and each of its commands; it ends with a bundle elsewhere."""
    readme = (fresh_machine.CHECKOUT / "README.md").read_text(encoding="utf-8")
    steps = first_use(readme)

    assert {"python3-venv", "g++"} <= set(packages_named(readme))
    assert "holdfast::interpreter python;" in program_of(readme)
    assert any("finalized" in text for step in steps for text in step.says)
    for command in ("make demo", "python3 -m venv .venv", "pip install pyholdfast", "holdfast doctor",
                    "holdfast run host.cpp", "holdfast new "):  # fmt: skip
        assert command in readme
        assert any(step.name.startswith(command) for step in steps)
    assert "bundle" in steps[-2].command
    assert all(step.stays for step in (*steps, *MOVED))
