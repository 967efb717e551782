"""The exact contents of the wheel and the source archive.

A missing file breaks users; an extra one stays for ever. The two lists, ``wheel.txt`` and
``sdist.txt``, are rewritten by

    HOLDFAST_UPDATE_PINS=1 python -m pytest tests/packaging/test_contents.py

and a reviewer reads the change.
"""

from __future__ import annotations

import email
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from pyholdfast import paths

CHECKOUT = Path(__file__).resolve().parents[2]
PINS = Path(__file__).parent


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A wheel and a source archive, made from this checkout without a network."""
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, CHECKOUT],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl")), next(out.glob("*.tar.gz"))


def compare(names: list[str], pin: Path) -> None:
    """Compare with the pinned list, or write it."""
    text = "".join(f"{name}\n" for name in sorted(names))
    if os.environ.get("HOLDFAST_UPDATE_PINS"):
        pin.write_text(text, encoding="utf-8")
    pinned = pin.read_text(encoding="utf-8").splitlines()
    missing, added = sorted(set(pinned) - set(names)), sorted(set(names) - set(pinned))
    assert (missing, added) == ([], []), "see the docstring of this file for how to accept it"


def test_the_wheel_holds_what_the_list_says(archives: tuple[Path, Path]) -> None:
    """Headers, CMake and pkg-config files, templates, typed Python, and nothing else."""
    with zipfile.ZipFile(archives[0]) as wheel:
        compare(wheel.namelist(), PINS / "wheel.txt")


def test_the_source_archive_holds_what_the_list_says(archives: tuple[Path, Path]) -> None:
    """The sources of the wheel, and the licence."""
    with tarfile.open(archives[1]) as sdist:
        names = [name.split("/", 1)[1] for name in sdist.getnames()]
    compare(names, PINS / "sdist.txt")


def test_the_wheel_is_for_every_python_and_machine(archives: tuple[Path, Path]) -> None:
    """It has Python code and headers only; its version is the header's."""
    assert archives[0].name == f"pyholdfast-{paths.version()}-py3-none-any.whl"


def test_the_package_needs_nothing(archives: tuple[Path, Path]) -> None:
    """It has no required dependency; its extras are those that the README names."""
    with zipfile.ZipFile(archives[0]) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith("METADATA"))
        metadata = email.message_from_bytes(wheel.read(name))
    needs = metadata.get_all("Requires-Dist", [])

    assert all("extra ==" in need for need in needs)
    (toml,) = (need for need in needs if need.startswith("tomli"))
    assert "python_version < '3.11'" in toml.replace('"', "'")
    assert "extra == 'check'" in toml.replace('"', "'")
    assert metadata.get_all("Provides-Extra") == ["bundle", "check", "dask", "debug", "zig"]
    assert metadata["License-Expression"] == "BSD-3-Clause"
    assert metadata["Requires-Python"] == ">=3.10"


def test_the_wheel_from_the_source_archive_is_the_same(
    archives: tuple[Path, Path], tmp_path: Path
) -> None:
    """A package that is built from the source archive also has every header."""
    with tarfile.open(archives[1]) as sdist:
        if sys.version_info >= (3, 12):
            sdist.extractall(tmp_path, filter="data")
        else:
            sdist.extractall(tmp_path)  # noqa: S202 - made by this test
    root = next(tmp_path.iterdir())
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", tmp_path, root],
        capture_output=True, check=True,
    )  # fmt: skip
    with (
        zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as again,
        zipfile.ZipFile(archives[0]) as first,
    ):
        assert sorted(again.namelist()) == sorted(first.namelist())
