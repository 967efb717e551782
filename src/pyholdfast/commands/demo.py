"""See holdfast at work: native threads of a C++ program call a typed Python function in parallel.

The program reads the Python files of the standard library or of FOLDER and calls a Python function
for each. It shows its progress and a table, refuses a thread that attaches while Python is being
finalized, and ends cleanly. It leaves a picture in the cache folder: which threads waited, and
which held Python.
"""

from __future__ import annotations

import argparse
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast import demo
from pyholdfast.commands.common import add_python_option, cannot_start, chosen_python
from pyholdfast.commands.values import whole_number
from pyholdfast.errors import FindingError, HoldfastError, UsageError
from pyholdfast.outputs import put_output
from pyholdfast.process_end import crash_of
from pyholdfast.toolchain.cache import cache_folder, in_cache
from pyholdfast.toolchain.compile import cached_host, find_compiler
from pyholdfast.toolchain.flags import finding_library
from pyholdfast.trace.building import build as build_trace
from pyholdfast.trace.file_layout import read_trace
from pyholdfast.trace.html import page
from pyholdfast.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["add_arguments", "run"]

SOURCES = Path(demo.__file__).resolve().parent
MOST_THREADS = 1000
# Installed packages are not part of the standard library.
NOT_THE_LIBRARY = ("site-packages", "dist-packages")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="FOLDER",
        help="Python files to survey; default: the standard library of the Python chosen",
    )
    parser.add_argument(
        "--threads",
        type=whole_number(1, MOST_THREADS),
        default=8,
        metavar="N",
        help="native threads; default 8",
    )
    add_python_option(parser)


def run(args: argparse.Namespace) -> int:
    """Check the folder, compile the host, run it."""
    folder: Path | None = args.folder
    skipped: tuple[str, ...] = ()
    if folder is not None:
        _demand_python_files(folder, skipped)
    build = chosen_python(args)
    if folder is None:
        folder, skipped = standard_library(build), NOT_THE_LIBRARY
        _demand_python_files(folder, skipped)
    _say(f"{args.threads} native threads call Python {build.version_text} about {folder}")
    _say(f"the program: {SOURCES / 'host.cpp'} and survey.py beside it")

    def compiled(variables: Mapping[str, str]) -> tuple[Path, Path]:
        source = SOURCES / "host.cpp"
        program = cached_host(
            source, build, find_compiler(), extra=("-DNDEBUG",), environ=variables
        )
        return program, cache_folder(variables)

    host, cache = in_cache("holdfast demo", compiled)
    command = [str(host), str(args.threads), str(SOURCES), str(folder), *skipped]
    environ = {**finding_library(os.environ, build), "HOLDFAST_PYTHON": str(build.executable)}
    # In a shared installation, survey.py's folder may not be writable.
    environ["PYTHONDONTWRITEBYTECODE"] = "1"
    with tempfile.TemporaryDirectory(prefix="holdfast-demo-") as scratch:
        recorded = Path(scratch, "demo.trace")
        environ.setdefault("HOLDFAST_TRACE", str(recorded))
        try:
            status = subprocess.run(command, env=environ, check=False).returncode
        except OSError as error:
            raise cannot_start(host, error) from error
        if recorded.exists():  # otherwise HOLDFAST_TRACE was already set
            _draw(recorded, cache)
    if crash := crash_of(status):
        raise HoldfastError(
            "HF143",
            f"the demo's host was ended by {crash}",
            "check with holdfast doctor that Python and the compiler fit together",
        )
    return 1 if status else 0


def standard_library(build: PythonBuild) -> Path:
    """The folder of the standard library's sources.

    Raises:
        FindingError: HF101 if the interpreter does not answer.
    """
    question = "import sysconfig; print(sysconfig.get_path('stdlib'))"
    try:
        done = subprocess.run(
            [str(build.executable), "-I", "-S", "-c", question],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise FindingError(
            "HF101",
            f"cannot run '{build.executable}': it does not say where its library is",
            "name an interpreter that works",
        ) from error
    return Path(done.stdout.strip())


def _draw(recorded: Path, cache: Path) -> None:
    """Replace the last demo's picture. The demo does not fail if that fails."""
    picture = cache / "demo.html"
    try:
        trace = build_trace(read_trace(recorded))
        put_output(picture, page(trace, "holdfast demo").encode())
    except HoldfastError as error:
        _say(f"no picture: {error.code} {error.problem}")
    else:
        _say(f"who waited, and who held Python: {picture}")


def _demand_python_files(folder: Path, skipped: tuple[str, ...]) -> None:
    if not folder.is_dir():
        raise UsageError(
            "HF141",
            f"there is no folder '{folder}'",
            "name a folder that exists, or none to survey the standard library",
        )
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in ("__pycache__", *skipped)]
        if any(name.endswith(".py") and _can_be_listed(Path(place, name)) for name in files):
            return
    raise UsageError(
        "HF142",
        f"no Python files in '{folder}'",
        "name a folder with files that end in .py",
    )


def _can_be_listed(path: Path) -> bool:
    """Whether the host lists it: a file, or a dangling link, which the host reports."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True


def _say(words: str) -> None:
    sys.stderr.write(f"holdfast demo: {visible(words)}\n")
    sys.stderr.flush()
