"""Finds the Python that the user means.

Looks at the command line, the environment and the folders around the project, in that order, and
records why it chose what it chose. Starts no process: `toolchain.probe` asks the Python found.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.errors import FindingError
from pyholdfast.trust import distrust, distrust_all
from pyholdfast.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["NAMING", "FoundPython", "all_pythons", "environment_python", "find_python"]

WINDOWS = os.name == "nt"
ENVIRONMENTS = ("VIRTUAL_ENV", "CONDA_PREFIX")
# The variables that name a Python.
NAMING = ("HOLDFAST_PYTHON", *ENVIRONMENTS)
NAMES = re.compile(r"python3(\.\d+)?t?")


@dataclass(frozen=True, slots=True)
class FoundPython:
    """A Python and the reason it was chosen.

    Attributes:
        path: the interpreter, absolute, with symbolic links kept: in a virtual environment,
            resolving the link would lose the environment.
        why: where the choice came from, e.g. ``"--python"`` or ``"VIRTUAL_ENV"``.
    """

    path: Path
    why: str


def find_python(
    explicit: str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    start: Path | None = None,
) -> FoundPython:
    """Choose the Python to build for and to run on.

    The first one that is named wins. If it does not exist, that is an error rather than a reason to
    go on looking: failures of a host on the wrong Python are hard to diagnose.

    Args:
        explicit: the value of ``--python``: a path, or a name to look up on ``PATH``.
        environ: environment variables; default: those of this process.
        start: folder in which to look for a ``.venv``, then upwards, as long as only this user or
            root can write to the folders; default: the current folder.

    Raises:
        FindingError: HF130 if other users can change a ``.venv``, HF102 if a folder is named
            instead of an interpreter, HF103 if the named Python does not exist.
    """
    environ = os.environ if environ is None else environ
    if explicit is not None:
        return FoundPython(_named(explicit, "--python", environ), "--python")
    if name := environ.get("HOLDFAST_PYTHON"):
        return FoundPython(_named(name, "HOLDFAST_PYTHON", environ), "HOLDFAST_PYTHON")
    for variable in ENVIRONMENTS:
        if folder := environ.get(variable):
            return FoundPython(_of_environment(Path(folder), variable), variable)
    start = Path.cwd() if start is None else start.absolute()
    if (python := _beside(start)) is not None:
        return FoundPython(python, str(python.parent.parent))
    return FoundPython(Path(sys.executable), "the interpreter that runs holdfast")


def _beside(start: Path) -> Path | None:
    """The interpreter of a ``.venv`` in or above a folder, if no other user can have put it there.

    A program that is found without having been named runs with this user's rights.

    Raises:
        FindingError: HF130 there is one in a folder of this user, but others may change it.
    """
    for folder in (start, *start.parents):
        python = environment_python(folder / ".venv")
        fault = _fault(folder)
        if fault is not None:  # what is in this folder or above may be another user's
            if python is not None:
                sys.stderr.write(
                    f"holdfast: '{visible(str(python))}' is skipped: {visible(fault)}\n"
                )
            return None
        if python is None:
            continue
        if (fault := distrust_all(python)) is not None:
            raise FindingError(
                "HF130",
                f"the Python of '{folder / '.venv'}' is not run: {fault}",
                f"if it is the right one, name it: --python {python}",
            )
        return python
    return None


def _fault(folder: Path) -> str | None:
    try:
        return distrust(folder)
    except FileNotFoundError:  # the source's own folder: its error will name the file
        return None
    except OSError as error:
        return f"'{folder}' cannot be looked at: {error.strerror or error}"


def all_pythons(environ: Mapping[str, str]) -> Iterator[Path]:
    """Interpreters on PATH, of the active environment, of pyenv and of uv; each file once."""
    home = Path(environ.get("HOME") or Path.home())
    roots = (
        Path(environ.get("PYENV_ROOT") or home / ".pyenv") / "versions",
        Path(environ.get("XDG_DATA_HOME") or home / ".local/share") / "uv" / "python",
    )
    folders = [Path(folder) for folder in environ.get("PATH", "").split(os.pathsep) if folder]
    if environ.get("VIRTUAL_ENV"):
        folders.insert(0, Path(environ["VIRTUAL_ENV"], "bin"))
    for root in roots:
        folders += sorted(root.glob("*/bin"))
    seen: set[str] = set()
    for folder in folders:
        if folder.name == "shims":  # they start what pyenv's versions have, too
            continue
        for file in sorted(folder.glob("python3*")):
            real = os.path.realpath(file)
            if NAMES.fullmatch(file.name) and os.access(file, os.X_OK) and real not in seen:
                seen.add(real)
                yield file


def environment_python(folder: Path) -> Path | None:
    """The interpreter in an environment's folder; None if there is none."""
    inside = ("Scripts/python.exe", "python.exe") if WINDOWS else ("bin/python", "bin/python3")
    return next((folder / name for name in inside if (folder / name).is_file()), None)


def _named(name: str, source: str, environ: Mapping[str, str]) -> Path:
    """The interpreter that a user named, by path or by name."""
    path = Path(name).expanduser()
    if path.is_dir():
        python = environment_python(path)
        raise FindingError(
            "HF102",
            f"{source} names a folder: '{name}'",
            f"name the interpreter itself: {python}"
            if python
            else "name the interpreter itself, e.g. /usr/bin/python3",
        )
    if path.is_file():
        return path.absolute()
    on_path = shutil.which(name, path=environ.get("PATH")) if path.name == name else None
    if on_path is None:
        raise FindingError(
            "HF103",
            f"{source} names a Python that does not exist: '{name}'",
            "give the path of an interpreter that exists, or leave it out to use the active one",
        )
    return Path(on_path).absolute()


def _of_environment(folder: Path, variable: str) -> Path:
    """The interpreter of the active environment, which `variable` names."""
    python = environment_python(folder)
    if python is None:
        raise FindingError(
            "HF103",
            f"{variable} names an environment without a Python: '{folder}'",
            f"activate an environment that exists, or unset {variable}",
        )
    return python.absolute()
