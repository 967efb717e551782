"""Make the backend that C programs need for a Python.

A program that uses holdfast.h is compiled without any Python, and finds one when it starts. Its
library then loads the backend for that Python: the runtime, compiled for this version. Made without
-o, it is put where every such program finds it. Put the folder 'holdfast-backends' beside a program
that you ship.

With CXX=x86_64-w64-mingw32-g++ and --python FOLDER/python.exe it makes one for that Python for
Windows, which is not run.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.commands.common import add_python_option
from pyholdfast.errors import HoldfastError, UsageError
from pyholdfast.find_python import all_pythons, find_python
from pyholdfast.toolchain.c_library import backend_name, make_backend
from pyholdfast.toolchain.cache import cached_probe, in_cache
from pyholdfast.toolchain.compiler import find_compiler
from pyholdfast.toolchain.windows_python import windows_build
from pyholdfast.visible import visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_python_option(parser)
    parser.add_argument(
        "--all",
        action="store_true",
        help="for each version of Python on PATH, in pyenv and in uv; those that cannot be"
        " compiled for are named",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="the folder to put it into"
    )


def run(args: argparse.Namespace) -> int:
    """Make one backend, or one for each Python; print the files' paths."""
    if args.all and args.python is not None:
        raise UsageError(
            "HF116", "holdfast backend: --all and --python exclude each other", "give one of them"
        )
    if not args.all:
        print(_made(_chosen(args.python), args.output))
        return 0
    done: set[str] = set()
    python = None
    for python in all_pythons(os.environ):
        try:
            build = cached_probe(python)
            if backend_name(build) in done:
                continue
            print(_made(build, args.output), flush=True)
            done.add(backend_name(build))
        except HoldfastError as error:
            print(_left_out(python, error), file=sys.stderr)
    if python is None:
        print(
            "holdfast: there is no Python on PATH, in pyenv or in uv\n  do: name one by --python",
            file=sys.stderr,
        )
    return 0 if done else 1


def _left_out(python: Path, error: HoldfastError) -> str:
    """Why an interpreter has no backend, in one line that names it once."""
    if f"'{python}'" in error.problem:
        return f"holdfast: left out: {visible(error.problem)}"
    return f"holdfast: '{visible(str(python))}' is left out: {visible(error.problem)}"


def _chosen(python: str | None) -> PythonBuild:
    """The Python that gets a backend. One for Windows need not run here."""
    if python is not None and Path(python).suffix == ".exe" and sys.platform != "win32":
        return windows_build(Path(python))
    return cached_probe(find_python(python).path)


def _made(build: PythonBuild, folder: Path | None) -> Path:
    def made(environ: Mapping[str, str]) -> Path:
        return make_backend(build, find_compiler(), folder, environ=environ)

    return in_cache("holdfast backend", made)
