"""Compilers of the tests take turns: one per CPU, however many tests run at the same time."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
from pathlib import Path

from compiler_turns import turn

TESTS = Path(__file__).resolve().parents[1]
LONG_S = 30


def free_turns(folder: Path) -> list[str]:
    """The turns that nobody holds."""
    free = []
    for path in sorted(folder.iterdir()):
        with path.open("w", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            free.append(path.name)
    return free


def test_each_holder_has_a_turn_of_its_own(tmp_path: Path) -> None:
    """Two of two are taken by two holders, and free after them."""
    with turn(tmp_path, 2):
        assert len(free_turns(tmp_path)) == 1
        with turn(tmp_path, 2):
            assert free_turns(tmp_path) == []
    assert free_turns(tmp_path) == ["0", "1"]


def test_who_finds_all_taken_comes_in_afterwards(tmp_path: Path) -> None:
    """It waits for one of them, and then has it alone."""
    seen: list[list[str]] = []

    def later() -> None:
        with turn(tmp_path, 1):
            seen.append(free_turns(tmp_path))

    with turn(tmp_path, 1):
        other = threading.Thread(target=later)
        other.start()
    other.join(LONG_S)

    assert seen == [[]]


def test_a_killed_process_takes_no_turn_with_it(tmp_path: Path) -> None:
    """Its turn is free as soon as it is gone."""
    code = (
        "import pathlib, sys; from compiler_turns import turn\n"
        "with turn(pathlib.Path(sys.argv[1]), 1): print(flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=TESTS,
    )  # fmt: skip
    with child:
        assert child.stdout is not None
        child.stdout.readline()
        assert free_turns(tmp_path) == []
        child.kill()
        child.wait(LONG_S)
        assert free_turns(tmp_path) == ["0"]
