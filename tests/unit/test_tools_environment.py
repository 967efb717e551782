"""tools/environment.py: the development environment is complete, or does not exist. No network."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import environment

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.usefixtures("sigterm")
TOOL = Path(environment.__file__)


def pretend(monkeypatch: pytest.MonkeyPatch, *answers: tuple[int, str]) -> list[str]:
    """Make each step answer as configured; return the steps that were run."""
    left, ran = list(answers), []

    def run(command: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        ran.append(" ".join(command))
        status, said = left.pop(0)
        return subprocess.CompletedProcess(command, status, stdout=said)

    monkeypatch.setattr("subprocess.run", run)
    return ran


def test_offline_it_says_what_the_network_is_needed_for(tmp_path: Path) -> None:
    """With the real pip and an index that does not answer; nothing is left."""
    folder = tmp_path / "v"
    environ = {key: text for key, text in os.environ.items() if not key.startswith("PIP_")}
    environ |= {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0",
                "PIP_CONFIG_FILE": os.devnull}  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(TOOL), str(folder)],
        env=environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "the network is needed once" in done.stderr
    assert done.stderr.count("\n  do: ") == 1
    assert len(done.stderr.splitlines()) <= 3, done.stderr
    assert not folder.exists()


def test_another_failure_shows_what_pip_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its last lines, and nothing about a network."""
    pretend(monkeypatch, (0, ""), (0, ""), (1, "a\nERROR: No space left on device\n"))

    assert environment.main([str(tmp_path / "v")]) == 1

    told = capsys.readouterr().err
    assert "ERROR: No space left on device\npip cannot install" in told
    assert "network" not in told
    assert not (tmp_path / "v").exists()


@pytest.mark.parametrize("mark", ["", "ready"])
def test_what_was_there_before_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    """Also an environment made by hand: it may contain more than we would install."""
    (tmp_path / (mark or "pyvenv.cfg")).touch()
    pretend(monkeypatch, (0, ""), (1, "Network is unreachable"))

    assert environment.main([str(tmp_path)]) == 1
    assert (tmp_path / (mark or "pyvenv.cfg")).exists()


def test_what_was_begun_and_never_ended_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the start; then it is ready."""
    for name in (environment.BEGUN, "half"):
        (tmp_path / name).touch()
    ran = pretend(monkeypatch, (0, ""), (0, ""), (0, ""))

    assert environment.main([str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == [environment.READY]
    assert [" venv " in ran[0], "pip>=25.1" in ran[1], "--group dev" in ran[2]] == [True] * 3


def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the keyboard, or from the process that runs make."""

    def run(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("subprocess.run", run)
    assert environment.main([str(tmp_path / "v")]) == 130
    assert not (tmp_path / "v").exists()
