"""tests/own_home.py: the tests do not use their user's files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import own_home
from harness import run_command

CHECKOUT = Path(__file__).resolve().parents[2]


def test_this_session_has_moved_in() -> None:
    """In every process of the session."""
    assert os.environ["HOME"] == str(own_home.HOME)
    assert Path(os.environ["XDG_CACHE_HOME"]).is_relative_to(own_home.HOME)
    assert "XDG_CONFIG_HOME" not in os.environ


@pytest.mark.ci
def test_nothing_is_written_to_the_user_s_home(tmp_path: Path) -> None:
    """A session that compiles, draws and caches leaves HOME and XDG_CACHE_HOME empty."""
    folders = {"HOME": tmp_path / "home", "XDG_CACHE_HOME": tmp_path / "cache"}
    for folder in folders.values():
        folder.mkdir()
    environ = {name: text for name, text in os.environ.items() if name != own_home.PYTHONS}
    environ |= {name: str(folder) for name, folder in folders.items()}
    tests = ["tests/demo/test_demo.py", "-k", "picture or latecomer"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    outcome = run_command(command, environ=environ, cwd=CHECKOUT, deadline_s=300)

    assert outcome.code == 0, outcome.explain()
    assert "2 passed" in outcome.out
    assert [path for folder in folders.values() for path in folder.rglob("*")] == []


def test_what_cannot_be_made_again_is_still_found(tmp_path: Path) -> None:
    """Pythons and pip's configuration; calling move_in() again changes nothing."""
    (tmp_path / ".pyenv").mkdir()
    (tmp_path / ".config" / "pip").mkdir(parents=True)
    (tmp_path / ".config" / "pip" / "pip.conf").touch()
    environ = {
        "HOME": str(tmp_path), "XDG_CACHE_HOME": "relative", "XDG_DATA_HOME": "/data", "CXX": "g++",
        "LANG": "de_DE.UTF-8", "PYTHONUNBUFFERED": "1", "COLUMNS": "40", "HOLDFAST_TRACE": "x",
        "HOLDFAST_TEST_PYTHONS": "3.12", "PATH": "/usr/bin",
    }  # fmt: skip
    own_home.move_in(environ)

    assert own_home.pythons_cache(environ) == str(tmp_path / ".cache")
    assert environ["PYENV_ROOT"] == str(tmp_path / ".pyenv")
    assert environ["PIP_CONFIG_FILE"] == str(tmp_path / ".config" / "pip" / "pip.conf")
    assert environ["HOME"] == str(own_home.HOME)
    assert set(environ) == {
        "HOME", "XDG_CACHE_HOME", "CXX", "LC_ALL", "PYENV_ROOT", "PIP_CONFIG_FILE", own_home.PYTHONS,
        "HOLDFAST_TEST_PYTHONS", "PATH",
    }  # fmt: skip

    before = dict(environ)
    own_home.move_in(environ)
    assert environ == before


def test_pythons_are_looked_for_where_they_are_made(tmp_path: Path) -> None:
    """The tests and tools/pythons.py use the same folder."""
    for cache, expected in (("", tmp_path / ".cache"), (str(tmp_path / "c"), tmp_path / "c")):
        environ = {"HOME": str(tmp_path), "XDG_CACHE_HOME": cache, "PATH": os.environ["PATH"]}
        command = [sys.executable, str(CHECKOUT / "tools" / "pythons.py"), "--where"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)

        assert done.stdout.strip() == str(expected / "holdfast" / "pythons")
        assert own_home.pythons_cache(environ) == str(expected)
