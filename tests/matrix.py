"""The Pythons of this machine that the programs are tested on.

One per minor version and kind; the first source that has it wins: pyenv, then what
`tools/pythons.py` made, then /usr/bin, then the Python that runs the tests. Only those count that
a host can be built against: with headers and a shared libpython.

``HOLDFAST_TEST_PYTHONS`` restricts or extends the choice: names (``3.12``, ``3.13t``) or paths of
interpreters, separated by commas.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from own_home import pythons_cache
from pyholdfast.errors import HoldfastError
from pyholdfast.toolchain.cache import cached_probe

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pyholdfast.toolchain.probe import PythonBuild

__all__ = [
    "EXPECTED",
    "MatrixPython",
    "default_python",
    "missing",
    "python_asked_for",
    "quick_names",
    "running",
    "special",
    "usable",
]

CHECKOUT = Path(__file__).resolve().parent.parent
EXPECTED = ("3.10", "3.11", "3.12", "3.13", "3.13t", "3.14", "3.15")


@dataclass(frozen=True, slots=True)
class MatrixPython:
    """One column of the table.

    Attributes:
        name: ``3.12``, or ``3.13t`` for a free-threaded build.
        build: what the toolchain knows about it.
    """

    name: str
    build: PythonBuild

    @property
    def path(self) -> Path:
        """The interpreter."""
        return self.build.executable


@cache
def usable() -> tuple[MatrixPython, ...]:
    """All Pythons that can be used, oldest first, each free-threaded build after its version's other one."""
    wanted = [word for word in os.environ.get("HOLDFAST_TEST_PYTHONS", "").split(",") if word]
    found: dict[str, MatrixPython] = {}
    for path in [Path(word) for word in wanted if "/" in word] + list(_candidates()):
        python = _examine(path)
        if python is not None:
            found.setdefault(python.name, python)
    names = {word for word in wanted if "/" not in word}
    names |= {p.name for p in map(_examine, [Path(w) for w in wanted if "/" in w]) if p}
    chosen = [python for python in found.values() if not wanted or python.name in names]
    return tuple(sorted(chosen, key=lambda python: (python.build.version, python.name)))


def missing() -> tuple[str, ...]:
    """The names of EXPECTED that are missing on this machine."""
    found = {python.name for python in usable()}
    return tuple(name for name in EXPECTED if name not in found)


def default_python() -> MatrixPython:
    """The newest with a GIL: what a test uses that needs one Python, whichever.

    Raises:
        RuntimeError: if this machine has none at all.
    """
    pythons = [python for python in usable() if not python.build.free_threaded] or list(usable())
    if not pythons:
        message = "no Python with headers and a shared libpython; run make check-machine"
        raise RuntimeError(message)
    return pythons[-1]


def running() -> MatrixPython | None:
    """The Python that runs the tests, with its environment; None if no host can be built for it.

    Another build of the same version, say the distribution's, cannot load its extension modules.
    """
    return _examine(Path(sys.executable))


def python_asked_for(parser: argparse.ArgumentParser, name: str) -> MatrixPython:
    """The Python that a command line names; otherwise the parser's error lists those that exist."""
    python = next((p for p in usable() if p.name == name), None)
    if python is None:
        parser.error(f"no Python {name} here; there are {[p.name for p in usable()]}")
    return python


def quick_names(program: str, *, most: int = 2) -> frozenset[str]:
    """The Pythons of the short run: of both ends of the range and a free-threaded one, `most`.

    Most faults show at an end, where CPython's thread states changed: 3.10 knows the oldest
    rules, the newest the latest, and a free-threaded build has others altogether. Which of them
    are left out goes by the program's name, so that each has its share of the programs.
    """
    with_gil = [python.name for python in usable() if not python.build.free_threaded]
    free_threaded = [python.name for python in usable() if python.build.free_threaded]
    ends = sorted({*with_gil[:1], *with_gil[-1:], *free_threaded[-1:]})
    while len(ends) > most:
        ends.pop(zlib.crc32(program.encode()) % len(ends))
    return frozenset(ends)


def _candidates() -> Iterator[Path]:
    yield from _of_pyenv()
    yield from _of_tools()
    yield from sorted(Path("/usr/bin").glob("python3.[0-9]*"))
    yield Path(sys.executable)


def _of_pyenv() -> Iterator[Path]:
    """Pyenv's Pythons, the highest patch first: only the first one of each minor version counts."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    versions = [
        (tuple(map(int, match.group(1, 2, 3))), folder)
        for folder in root.glob("versions/*")
        if (match := re.fullmatch(r"(\d+)\.(\d+)\.(\d+)t?", folder.name))
    ]
    for _, folder in sorted(versions, reverse=True):
        yield folder / "bin" / "python3"


def special(kind: str) -> tuple[MatrixPython, ...]:
    """Builds that need their own hosts, e.g. ``tsan``, if tools/pythons.py has made any."""
    found = [
        MatrixPython(name, python.build)
        for name, path in _made_by_tools()
        if name.endswith(f"-{kind}") and (python := _examine(path)) is not None
    ]
    return tuple(found)


def _of_tools() -> Iterator[Path]:
    # Builds for sanitizers and debugging need hosts of their own kind.
    yield from (path for name, path in _made_by_tools() if "-" not in name)


@cache
def _made_by_tools() -> tuple[tuple[str, Path], ...]:
    script = CHECKOUT / "tools" / "pythons.py"
    if not script.is_file():
        return ()
    done = subprocess.run(
        [sys.executable, script, "--list"], capture_output=True, text=True, check=True,
        env={**os.environ, "XDG_CACHE_HOME": pythons_cache(os.environ)},
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return tuple((line["name"], Path(line["python"])) for line in lines)


@cache
def _examine(path: Path) -> MatrixPython | None:
    if not path.is_file() or path.name.endswith("-config"):
        return None
    try:
        build = cached_probe(path)
    except HoldfastError:
        return None
    if build.library is None or not build.include_dirs:
        return None
    major, minor, _ = build.version
    return MatrixPython(f"{major}.{minor}{'t' if build.free_threaded else ''}", build)
