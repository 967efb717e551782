"""Files of other users: nothing untrusted is run, read or used from a cache.

Each table is about one kind. Rows that need files of another user run only as root.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from matrix import default_python
from outside.own_cache import run
from pyholdfast.check.settings import read_settings
from pyholdfast.errors import FindingError
from pyholdfast.find_python import find_python
from pyholdfast.toolchain.cache import HostStore
from pyholdfast.trust import distrust_all

if TYPE_CHECKING:
    from collections.abc import Callable

PYTHON = default_python()
STRANGER = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="makes files of another user")


def environment(folder: Path) -> Path:
    """A ``.venv`` whose Python is the real one, and leaves a file when it runs."""
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\ntouch "{folder}/ran"\nexec {PYTHON.path} "$@"\n')
    python.chmod(0o755)
    return python


def give(*paths: Path) -> None:
    """Give to another user."""
    for path in paths:
        os.chown(path, STRANGER, STRANGER, follow_symlinks=False)


def ours(python: Path) -> None:
    """Nothing is changed."""


def open_program(python: Path) -> None:
    """Any user may write to it."""
    python.chmod(0o777)


def open_folder(python: Path) -> None:
    """Any user may put another one there."""
    python.parent.chmod(0o777)


def strange_program(python: Path) -> None:
    """Another user owns it."""
    give(python)


def strange_environment(python: Path) -> None:
    """Another user owns all of it."""
    give(python, python.parent, python.parents[1])


def strange_target(python: Path) -> None:
    """A link of ours leads to it."""
    elsewhere = python.parents[2] / "elsewhere"
    python.rename(elsewhere)
    give(elsewhere)
    python.symlink_to(elsewhere)


def strange_hop(python: Path) -> None:
    """A link of ours leads to another user's link, which leads to a program of ours."""
    folder = python.parents[2] / "theirs"
    folder.mkdir()
    python.rename(python.with_name("real"))
    (folder / "hop").symlink_to(python.with_name("real"))
    python.symlink_to(folder / "hop")
    give(folder, folder / "hop")


def beyond_shared(python: Path) -> None:
    """Any user may make one in that folder."""
    python.parents[2].chmod(0o1777)


def beyond_strange(python: Path) -> None:
    """Another user owns the folder above the project."""
    give(python.parents[2])


@pytest.mark.parametrize(
    ("spoil", "outcome"),
    [
        (ours, "taken"),
        (open_program, "HF130"),
        (open_folder, "HF130"),
        (beyond_shared, "passed over"),
        pytest.param(strange_program, "HF130", marks=as_root),
        pytest.param(strange_environment, "HF130", marks=as_root),
        pytest.param(strange_target, "HF130", marks=as_root),
        pytest.param(strange_hop, "HF130", marks=as_root),
        pytest.param(beyond_strange, "passed over", marks=as_root),
    ],
)
def test_a_python_that_was_found_is_ours_or_is_not_run(
    spoil: Callable[[Path], None], outcome: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever part of its path other users own or may change; the message says so in each case."""
    above = tmp_path / "above"
    python = environment(above)
    start = above / "project"
    start.mkdir()
    spoil(python)
    if outcome == "HF130":
        with pytest.raises(FindingError, match=r"HF130 the Python of .* is not run"):
            find_python(environ={}, start=start)
        return
    found = find_python(environ={}, start=start)

    assert (found.path == python) == (outcome == "taken")
    assert capsys.readouterr().err.count("is skipped") == (outcome == "passed over")
    assert find_python(str(python), environ={}, start=start).path == python  # named: run


@as_root
@pytest.mark.parametrize(
    "line", ["config --cflags", "build a.cpp -o a", "run a.cpp", "check a.cpp", "doctor --quick"]
)
def test_no_command_runs_the_python_of_somebody_else(line: str, tmp_path: Path) -> None:
    """In a folder where any user may make a ``.venv``, like the system's temporary folder."""
    tmp_path.chmod(0o1777)
    strange_environment(environment(tmp_path))
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.cpp").write_text("int main() {}\n")
    unset = {"VIRTUAL_ENV": "", "CONDA_PREFIX": "", "HOLDFAST_PYTHON": ""}
    outcome = run(*line.split(), cwd=project, **unset)

    assert outcome.code in (0, 1), outcome.explain()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(("mode", "exclude"), [(0o755, ("*",)), (0o1777, ())])
def test_settings_that_others_may_have_made_are_passed_over(
    mode: int, exclude: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They could switch off the check."""
    shared, project = tmp_path / "shared", tmp_path / "shared" / "project"
    project.mkdir(parents=True)
    shared.chmod(mode)
    (shared / ".holdfast.toml").write_text('[check]\nexclude = ["*"]\n')

    assert read_settings(project).exclude == exclude
    assert ("are passed over" in capsys.readouterr().err) == (not exclude)


def open_to_all(cache: Path) -> None:
    """Any user may write to it."""
    cache.chmod(0o777)


def above_open(cache: Path) -> None:
    """Any user may put another folder in its place."""
    cache.parent.chmod(0o777)


def above_sticky(cache: Path) -> None:
    """Any user may write above it, but not replace it, which is safe."""
    cache.parent.chmod(0o1777)


def strange_cache(cache: Path) -> None:
    """Another user has made it first."""
    give(cache)


@pytest.mark.parametrize(
    ("spoil", "is_used"),
    [
        (above_sticky, True),
        (open_to_all, False),
        (above_open, False),
        pytest.param(strange_cache, False, marks=as_root),
    ],
)
def test_a_cache_that_others_may_change_is_not_used(
    spoil: Callable[[Path], None], is_used: bool, tmp_path: Path
) -> None:
    """A program that another user has put there does not run; a private cache is used, and stderr says so."""
    cache = tmp_path / "shared" / "holdfast"
    cache.mkdir(parents=True)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "h.cpp").write_text("int main() { return 7; }\n")
    environ = {"XDG_CACHE_HOME": str(cache.parent), "TMPDIR": str(tmp_path / "tmp")}
    first = run("run", "h.cpp", cwd=tmp_path, **environ)
    (program,) = cache.glob("hosts/*/h")
    program.write_text("#!/bin/sh\nexit 66\n")
    spoil(cache)
    second = run("run", "h.cpp", cwd=tmp_path, **environ)

    assert first.code == 7, first.explain()
    assert second.code == (66 if is_used else 7), second.explain()
    assert ("HF131" in second.err) == (not is_used), second.explain()


def test_what_is_made_in_the_cache_is_for_this_user(tmp_path: Path) -> None:
    """Whatever the umask is: a cache that others may write to would not be used again."""
    (tmp_path / "h.cpp").write_text("int main() { return 7; }\n")
    before = os.umask(0)
    try:
        outcomes = [run("run", "h.cpp", cwd=tmp_path) for _ in range(2)]
    finally:
        os.umask(before)
    (program,) = (tmp_path / "cache").glob("holdfast/hosts/*/h")

    assert [outcome.code for outcome in outcomes] == [7, 7], outcomes[-1].explain()
    assert "HF131" not in outcomes[1].err
    assert distrust_all(program) is None


@as_root
def test_a_program_of_somebody_else_is_not_found(tmp_path: Path) -> None:
    """Even in a cache of ours that was once open to others."""
    store = HostStore(tmp_path)
    (tmp_path / "made").write_text("#!/bin/sh\n")
    (tmp_path / "read.cpp").touch()
    found = store.add("recipe", "h", tmp_path / "made", [tmp_path / "read.cpp"], begun_ns=2**62)
    assert store.find("recipe", "h") == found
    give(found)

    assert store.find("recipe", "h") is None
