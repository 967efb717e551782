"""Copies the parts of the standard library that a program may need, and compiles Python files."""

from __future__ import annotations

import fnmatch
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.bundle.target import cannot_run
from pyholdfast.errors import ToolchainError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyholdfast.bundle.target import Target

__all__ = ["NOWHERE", "byte_compile", "copy_file", "copy_standard_library"]

LIMIT_S = 600
NOWHERE = "it is a link that leads nowhere"
# Left out, and worth a line in the report: a program may want it.
NAMED = {
    "tkinter": "needs Tcl/Tk and its data",
    "idlelib": "the editor, which needs tkinter",
    "turtledemo": "needs tkinter",
    "turtle.py": "needs tkinter",
    "_tkinter.*": "needs Tcl/Tk and its data",
    "readline.*": "its library is under the GPL, and a host has no prompt",
    "_gdbm.*": "its library is under the GPL",
    "nis.*": "it needs Kerberos, and newer versions of Python do not have it",
    "ensurepip": "it installs pip, which a bundle does not need",
    "venv": "environments are made from a whole Python",
    "lib2to3": "newer versions of Python do not have it",
    "pydoc_data": "texts of help()",
}
FOLDERS = frozenset(
    {"__pycache__", "site-packages", "dist-packages", "test", "tests", "idle_test", "__phello__"}
)
FILES = ("config-*", "*.a", "*.o", "_test*.so", "_ctypes_test*", "_xxtestfuzz*", "xxlimited*",
         "xxsubtype*", "sitecustomize.py", "usercustomize.py", "EXTERNALLY-MANAGED", "__hello__.py",
         # In the folder DLLs of a Python for Windows; those with _d are for its debug build
         "_test*.pyd", "*_d.pyd", "*_d.dll", "*.pdb", "*.ico", "*.cat", "tcl8*.dll", "tcl9*.dll",
         "tk8*.dll", "tk9*.dll")  # fmt: skip


def copy_standard_library(target: Target, stage: Path) -> list[tuple[str, str]]:
    """Copy it to its place in the bundle; return what was left out, with reasons."""
    place = stage / target.layout.standard
    dynamic = stage / target.layout.dynamic
    left_out: dict[str, str] = {}
    files = [
        (file, place / name)
        for file, name in _wanted(target.stdlib, left_out)
        if not name.parts[0].startswith("lib-dynload")
    ]
    files += [(file, dynamic / name) for file, name in _wanted(target.dynamic, left_out)]
    rows = [(f"module {name}", reason) for name, reason in left_out.items()]
    for file, copy in files:
        if file.exists():
            copy_file(file, copy)
        else:
            rows.append((str(file), NOWHERE))
    (stage / target.layout.site).mkdir(parents=True, exist_ok=True)
    return sorted(rows)


def _wanted(folder: Path, left_out: dict[str, str]) -> Iterator[tuple[Path, Path]]:
    """The files to copy, and their names relative to the folder."""
    for at, folders, files in os.walk(folder, followlinks=True):
        here = Path(at).relative_to(folder)
        folders[:] = [
            name
            for name in sorted(folders)
            if name not in FOLDERS
            and not _matches(name, FILES)
            and not _is_named(here, name, left_out)
        ]
        for name in sorted(files):
            if not _matches(name, FILES) and not _is_named(here, name, left_out):
                yield Path(at, name), here / name


def _is_named(here: Path, name: str, left_out: dict[str, str]) -> bool:
    """Whether it is one of those that are left out with a reason, which is noted."""
    if here != Path():
        return False
    for pattern, reason in NAMED.items():
        if fnmatch.fnmatch(name, pattern):
            left_out[pattern.removesuffix(".*").removesuffix(".py")] = reason
            return True
    return False


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def copy_file(source: Path, place: Path) -> None:
    """Copy a file, or what a link leads to; readable by all users, executable if the source is."""
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)
    place.chmod(0o755 if os.access(source, os.X_OK) else 0o644)


def byte_compile(target: Target, stage: Path, *, with_sources: bool) -> None:
    """Compile all Python files of the bundle, so that no start does.

    The compiled files are valid whatever the time and place of the source: a bundle may be moved,
    unpacked by any tool, and read-only.

    Raises:
        ToolchainError: HF126 if nothing was compiled.
    """
    folder, python = stage / target.layout.standard, target.byte_compiler
    if python is None:
        minor = "{}.{}".format(*target.build.version)
        raise ToolchainError(
            "HF126",
            f"Python files cannot be compiled: there is no Python {minor} that runs here",
            f"install one, as python{minor} on PATH",
        )
    command = [str(python), "-I", "-S", "-m", "compileall", "-qq", "-f",
               "-j", "0", "--invalidation-mode", "unchecked-hash", "-s", str(stage)]  # fmt: skip
    command += [*([] if with_sources else ["-b"]), str(folder)]
    try:
        # Its status says whether every file compiled. Packages have some that are not meant to.
        subprocess.run(
            command, check=False, timeout=LIMIT_S, capture_output=True, stdin=subprocess.DEVNULL
        )
        pattern = "__pycache__/os.*.pyc" if with_sources else "os.pyc"
        if next(folder.glob(pattern), None) is None:
            raise cannot_run(python, RuntimeError("compileall compiled nothing"))
    except (OSError, subprocess.SubprocessError) as error:
        raise cannot_run(python, error) from error
    if not with_sources:
        for source in folder.rglob("*.py"):
            if source.with_suffix(".pyc").is_file():
                source.unlink()
    for compiled in folder.rglob("*.pyc"):
        compiled.chmod(0o644)
    for made in folder.rglob("__pycache__"):
        made.chmod(0o755)
