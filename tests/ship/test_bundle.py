"""A bundle starts anywhere, uses nothing from outside, and is as small as is said."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from matrix import MatrixPython, usable
from ship.support import (
    HOSTS,
    bundle_once,
    facts_of,
    in_empty_root,
    made,
    one_python,
    opened_outside,
    start,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

# What a shell may say, all of it wrong.
HOSTILE = {
    "PYTHONHOME": "/nowhere",
    "PYTHONPATH": "/nowhere",
    "PYTHONSTARTUP": "/nowhere/start.py",
    "HOLDFAST_PYTHON": "/nowhere/bin/python",
    "HOLDFAST_BACKENDS": "/nowhere",
    "VIRTUAL_ENV": "/nowhere",
    "PATH": "/usr/bin",
    "HOME": "/nowhere",
}
LARGEST_MB = 60


@pytest.fixture(scope="module")
def python() -> MatrixPython:
    """The one of the short run."""
    return one_python()


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory, python: MatrixPython) -> Path:
    """The bundle of the C++ host, which all tests share."""
    return bundle_once(tmp_path_factory, "host.cpp", python)


def _demand_inside(said: dict[str, object], bundle: Path) -> None:
    """Everything that the host loaded, and its child too, came from the bundle."""
    assert said["prefix"] == said["child_prefix"] == str(bundle)
    for name in ("files", "path"):
        texts = said[name]
        assert isinstance(texts, list)
        assert [text for text in texts if not text.startswith(f"{bundle}/")] == []
    assert str(said["executable"]).startswith(f"{bundle}/lib/bin/")


def test_it_needs_no_variable_and_obeys_none(dist: Path, python: MatrixPython) -> None:
    """Under env -i, and whatever a shell says; other variables are passed on."""
    bare = facts_of(start(dist / "host"))
    library = python.build.library
    hostile = {**HOSTILE, "LD_LIBRARY_PATH": str(library.parent) if library else ""}
    told = facts_of(start(dist / "host", {**hostile, "HOLDFAST_TEST_SHIP": "passed on"}))

    assert bare["version"] == ".".join(map(str, python.build.version))
    assert bare["modules"] == [2, "OpenSSL", 2363233923, 4]
    _demand_inside(bare, dist)
    _demand_inside(told, dist)
    assert told["variable"] == "passed on"


def test_it_can_be_moved_and_be_read_only(dist: Path, python: MatrixPython, tmp_path: Path) -> None:
    """To a folder with blanks, umlauts and a colon in its name; by a link it is found too."""
    # CPython 3.10 joins its own folders by colons.
    colon = ":" if python.build.version >= (3, 11, 0) else ""
    moved = tmp_path / f"Größe{colon} und Form" / "the app"
    shutil.copytree(dist, moved)
    for file in (moved, *moved.rglob("*")):
        file.chmod(file.stat().st_mode & ~0o222)
    link = tmp_path / "link"
    link.symlink_to(moved / "host")
    before = sorted(moved.rglob("*"))

    _demand_inside(facts_of(start(moved / "host", cwd=Path("/"))), moved)
    _demand_inside(facts_of(start(link)), moved)

    assert sorted(moved.rglob("*")) == before  # root may write to it, and did not
    for folder in (moved, *(path for path in before if path.is_dir())):
        folder.chmod(0o755)


def test_it_starts_in_an_empty_root_as_another_user(
    dist: Path, python: MatrixPython, tmp_path: Path
) -> None:
    """There are the C library, /proc and the bundle."""
    said = facts_of(in_empty_root(tmp_path / "root", dist, "host", python))

    _demand_inside(said, Path("/app"))


def test_it_opens_no_file_of_pythons_outside(dist: Path, tmp_path: Path) -> None:
    """As strace sees it, in child processes too."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    done = subprocess.run(
        [strace, "-f", "-e", "trace=open,openat,execve", "-o", trace, dist / "host"],
        env=HOSTILE, check=False, capture_output=True, timeout=120,
    )  # fmt: skip
    if b"ptrace" in done.stderr.lower() and done.returncode:
        pytest.skip("this user may not trace processes")

    assert done.returncode == 0, done.stdout
    assert opened_outside(trace, dist) == []


def test_its_size(dist: Path) -> None:
    """Without packages; everything in it is compiled, and readable by all."""
    size = sum(file.lstat().st_size for file in dist.rglob("*"))
    library = next(dist.glob("lib/python3*"))

    assert size < LARGEST_MB * 1_000_000
    assert not any(file.is_symlink() for file in dist.rglob("*"))
    assert all(file.stat().st_mode & 0o004 for file in dist.rglob("*"))
    sources = [file for file in library.rglob("*.py") if not file.name.startswith("bad")]
    without = [
        file for file in sources if not any((file.parent / "__pycache__").glob(f"{file.stem}.*"))
    ]
    assert without == []
    assert not (library / "test").exists()


def cases() -> Iterator[ParameterSet]:
    """Each Python with one kind of host, in turns, because a bundle takes long; the newest with both."""
    pythons = usable()
    for number, python in enumerate(pythons):
        kinds = ["host.cpp", "host.c"]
        if python.build.library is None:
            kinds = ["host.cpp"]
        elif number != len(pythons) - 1:
            kinds = [kinds[number % 2]]
        for kind in kinds:
            yield pytest.param(python, kind, id=f"{kind}-{python.name}")


@pytest.mark.parametrize(("python", "source"), list(cases()))
@pytest.mark.long
def test_every_python(python: MatrixPython, source: str, tmp_path: Path) -> None:
    """C and C++ hosts: without variables, with wrong ones, and in an empty root."""
    place = tmp_path / "dist"
    made(place, HOSTS / source, python=python)

    if python.build.loader is None:  # else this machine's C library may be too old
        _demand_inside(facts_of(start(place / "host")), place)
        _demand_inside(facts_of(start(place / "host", HOSTILE)), place)
    said = facts_of(in_empty_root(tmp_path / "root", place, "host", python))

    _demand_inside(said, Path("/app"))
    assert said["version"] == ".".join(map(str, python.build.version))
    assert sum(file.stat().st_size for file in place.rglob("*")) < LARGEST_MB * 1_000_000
