"""Random programs of threads against random moments of finalize.

The seed is in the message of a failure; `drive.py --seed` runs it again, and HOLDFAST_SEED in the
environment makes the tests begin with it.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from matrix import MatrixPython, quick_names, usable
from pyholdfast import paths
from stress.build import PAUSED_HEADERS, SOURCES, with_pauses
from stress.drive import run_seed, run_seeds
from stress.soak import LIVES, soak

QUICK_S = 8  # on each Python of the short run
LONG_S = 600
MEANT = pytest.mark.parametrize(
    "python",
    [
        pytest.param(
            p,
            id=p.name,
            marks=() if p.name in quick_names("stress", most=1) else (pytest.mark.long,),
        )
        for p in usable()
    ],
)


def first_seed() -> int:
    """HOLDFAST_SEED, or a fresh one."""
    given = os.environ.get("HOLDFAST_SEED")
    return int(given) if given else random.SystemRandom().randrange(2**31)


@MEANT
def test_nothing_is_lost_hangs_or_crashes(python: MatrixPython) -> None:
    """Every admitted thread leaves, every call returns, and no thread gets in after the end."""
    run = run_seeds(python, first_seed(), seconds=QUICK_S)

    assert run.failure is None, run.failure
    assert run.counts["admitted"] > 0
    assert run.counts["refused"] > 0


@pytest.mark.long
@pytest.mark.parametrize("python", [pytest.param(p, id=p.name) for p in usable()])
def test_the_same_for_ten_minutes(python: MatrixPython, capsys: pytest.CaptureFixture[str]) -> None:
    """The same, with its figures."""
    seed = first_seed()
    run = run_seeds(python, seed, seconds=LONG_S)
    with capsys.disabled():
        print(f"\n  {python.name} from HOLDFAST_SEED={seed}: {run.text()}", end=" ")

    assert run.failure is None, run.failure


def test_a_seed_that_is_given_is_used() -> None:
    """The seed that a failing run printed can be given to the next run."""
    quick = next(p for p in usable() if p.name in quick_names("stress", most=1))
    outcome = run_seed(quick, 123, paused=True, seconds=0.1)

    assert outcome.out.splitlines()[0] == "HOLDFAST_SEED=123", outcome.explain()


@pytest.mark.long
def test_a_gate_that_lets_everybody_in_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the gate does not close, some seed crashes, hangs, or finds a thread left behind."""
    mutated = tmp_path / "include"
    for file in paths.include_dir().rglob("*.?p*"):
        out = mutated / file.relative_to(paths.include_dir())
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(file.read_text("utf-8"), "utf-8")
    gate = mutated / "holdfast" / "gate" / "gate.hpp"
    look = "inside += entry->inside_.load(std::memory_order_seq_cst) != 0 ? 1U : 0U;"
    assert look in gate.read_text("utf-8")
    gate.write_text(gate.read_text("utf-8").replace(look, "inside += 0U;"), "utf-8")
    monkeypatch.setattr("stress.build.paths.include_dir", lambda: mutated)
    monkeypatch.setattr("stress.build.with_pauses", lambda text: text)
    python = usable()[0]

    outcomes = (run_seed(python, seed, paused=False, seconds=3) for seed in range(5))

    assert any(outcome.code != 0 for outcome in outcomes)


@pytest.mark.parametrize("name", PAUSED_HEADERS)
def test_every_header_that_is_named_has_pauses(name: str) -> None:
    """A header that was renamed or rewritten is noticed."""
    text = (paths.include_dir() / "holdfast" / name).read_text("utf-8")

    assert "pause_here" in with_pauses(text).split("\n", 1)[1]
    assert (SOURCES / "pause.hpp").exists()


@pytest.mark.long
@pytest.mark.parametrize("python", [pytest.param(p, id=p.name) for p in usable()])
def test_many_threads_through_four_lives_lose_no_call(python: MatrixPython) -> None:
    """A short soak; `soak.py --minutes 30` is the long one, with figures of memory and waits."""
    run = soak(python, seconds=20)

    assert run.outcome.code == 0, run.outcome.explain()
    assert [moment["lost"] for moment in run.moments if moment["at"] == "ended"] == [0] * LIVES
