"""The Pythons that holdfast starts execute nothing of the current folder, nor of PYTHONPATH."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from pyholdfast.bundle.packages import add_packages
from pyholdfast.commands.binding import run_with
from pyholdfast.toolchain.compiler import find_compiler
from ship.support import build_wheel

if TYPE_CHECKING:
    from pyholdfast.bundle.target import Target
    from pyholdfast.toolchain.probe import PythonBuild

# Modules that a start by -m looks for, of this package, pip and the standard library.
NAMES = ("argparse", "runpy", "pip", "pyholdfast", "ziglang", "json", "sys")


@pytest.fixture
def executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is there once a module of the current folder was imported."""
    mark, here = tmp_path / "executed", tmp_path / "here"
    here.mkdir()
    for name in NAMES:
        (here / f"{name}.py").write_text(f"open({str(mark)!r}, 'a').write(__name__)\n")
    monkeypatch.chdir(here)
    monkeypatch.setenv("PYTHONPATH", str(here))
    return mark


def test_bind_in_a_newer_python(executed: Path, tmp_path: Path) -> None:
    """It reads the module, and writes its header."""
    (tmp_path / "new.py").write_text("def one() -> int: ...\n")
    newer = cast("PythonBuild", SimpleNamespace(version=(9, 0, 0), executable=sys.executable))

    assert run_with(newer, [tmp_path / "new.py", "-o", tmp_path / "new.hpp"]) == 0

    assert "one" in (tmp_path / "new.hpp").read_text()
    assert not executed.exists()


def test_pip(executed: Path, tmp_path: Path) -> None:
    """Asked whether it is there, and to install."""
    python, site = Path(sys.executable), tmp_path / "site"
    if not any(Path(place, "pip").is_dir() for place in sys.path):
        pytest.skip("this Python has no pip")
    build = SimpleNamespace(executable=python, base_executable=python)
    target = SimpleNamespace(build=build, runs_here=True, layout=SimpleNamespace(site="site"))
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"--no-index\n{build_wheel(tmp_path)}\n")

    add_packages(cast("Target", target), tmp_path, [], [requirements])

    assert (site / "local_package.py").is_file()
    assert not executed.exists()


def test_zig(executed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its program is started directly."""
    package = tmp_path / "packages" / "ziglang"
    package.mkdir(parents=True)
    for name in ("__init__.py", "zig", "zig.exe"):
        (package / name).write_text("#!/bin/sh\necho 1.0\n")
        (package / name).chmod(0o755)
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(package.parent))

    assert find_compiler({"PATH": "/nowhere"}).version() == "1.0"
    assert not executed.exists()
