"""Builds what the tests of the C interface share: the library, a backend per Python, programs.

A program is compiled once, without the headers of any Python, and run on every Python.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from compiled_files import CACHE
from harness import environment_for, run_command
from matrix import MatrixPython, quick_names, usable
from pyholdfast import paths
from pyholdfast.toolchain.c_library import backends_folder, link_options, make_backend, make_library
from pyholdfast.toolchain.compiler import find_c_compiler, find_compiler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness import Outcome

__all__ = [
    "DEADLINE_S",
    "PROGRAMS",
    "STRICT",
    "built",
    "built_library",
    "ensure_backend",
    "one_python",
    "pythons",
    "run_on",
]

PROGRAMS = Path(__file__).with_name("c") / "programs"
STRICT = ("-std=c99", "-D_GNU_SOURCE", "-pedantic", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-g")
DEADLINE_S = 60
_backends: dict[str, Path] = {}


def pythons(*, most: int = 2) -> list[object]:
    """All; the same few in the short run of every test, because each needs a backend."""
    quick = quick_names("c", most=most)
    return [
        pytest.param(p, id=p.name, marks=() if p.name in quick else (pytest.mark.long,))
        for p in usable()
    ]


def one_python() -> MatrixPython:
    """One of the short run, for the system's own C library; its backend is made."""
    fitting = [python for python in usable() if python.build.loader is None]
    if not fitting:
        pytest.skip("no Python here is for the system's own C library")
    quick = quick_names("c", most=2)
    python = next((python for python in fitting if python.name in quick), fitting[-1])
    ensure_backend(python)
    return python


def ensure_backend(python: MatrixPython) -> Path:
    """The backend of a Python, in the tests' cache; looked up once in a run."""
    if python.name not in _backends:
        _backends[python.name] = make_backend(python.build, find_compiler())
    return _backends[python.name]


@cache
def _library() -> Path:
    return make_library(find_compiler())


def built(source: Path, options: Sequence[str] = (), *, static: bool = False) -> Path:
    """The program of a C source; compiled again only if it, or what it is made with, changes."""
    linking = link_options(_library(), static=static)
    command = [
        *find_c_compiler().command, *STRICT, *options, "-isystem", str(paths.include_dir()),
    ]  # fmt: skip
    more = ("-pthread", "-lstdc++") if static else ("-pthread",)
    digest = hashlib.sha256("\0".join([*command, *linking]).encode())
    header = paths.include_dir() / "holdfast" / "holdfast.h"
    for file in (source, source.parent / "check.h", header):
        digest.update(file.read_bytes() if file.is_file() else b"")
    if static:
        digest.update(Path(linking[0]).read_bytes())
    out = CACHE / "c" / digest.hexdigest()[:24] / source.stem
    if not out.is_file():
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = out.with_suffix(f".{os.getpid()}")  # another worker may build it, too
        done = subprocess.run(
            [*command, str(source), *linking, *more, "-o", str(fresh)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]
        fresh.replace(out)
    return out


def built_library(source: Path) -> Path:
    """A shared library that contains libholdfast, and shows only what it marks as visible."""
    # A library's symbols are found in itself first: the host may have a libholdfast, too
    hidden = ("-shared", "-fPIC", "-fvisibility=hidden", "-Wl,-Bsymbolic", "-Wl,--exclude-libs,ALL")
    return built(source, hidden, static=True)


def run_on(
    program: Path, python: MatrixPython, *arguments: str, environ: dict[str, str] | None = None
) -> Outcome:
    """Run a program on a Python, with its backend made."""
    ensure_backend(python)
    build = python.build
    command = [str(program), *arguments]
    if build.loader is not None:  # this Python's libraries need its own C library
        folders = ":".join(map(str, build.library_dirs))
        command = [str(build.loader), "--library-path", folders, *command]
    environment = {
        **environment_for(python),
        "HOLDFAST_PYTHON": str(python.path),
        "HOLDFAST_BACKENDS": str(backends_folder()),
        **(environ or {}),
    }
    return run_command(command, environ=environment, deadline_s=DEADLINE_S)
