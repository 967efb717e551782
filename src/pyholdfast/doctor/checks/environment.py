"""Checks that the environment variables and the virtual environment belong to this Python."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.doctor.model import Finding, Room, bad, good, warning
from pyholdfast.doctor.subject import minor_text, standard_library
from pyholdfast.find_python import environment_python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyholdfast.doctor.subject import Environment, Subject

__all__ = ["check_environment"]

ROOM = Room.ENVIRONMENT


def check_environment(subject: Subject) -> Iterator[Finding]:
    """All checks of the environment."""
    yield _active(subject)
    environment = subject.environment
    if environment is not None:
        yield _base(subject, environment)
        yield _minor(subject, environment)
    yield _home(subject)
    yield _path(subject)


def _active(subject: Subject) -> Finding:
    """Whether the active environment is the one whose packages a host will see."""
    named = subject.environ.get("VIRTUAL_ENV")
    environment = subject.environment
    if not named:
        where = str(environment.folder) if environment else "none"
        return good("HF153", ROOM, "virtual environment", where)
    if environment is not None and _same(environment.folder, Path(named)):
        return good("HF153", ROOM, "virtual environment", f"{named} (VIRTUAL_ENV)")
    if subject.found.why == "VIRTUAL_ENV":
        return bad(
            "HF153",
            ROOM,
            "the active environment is broken: its packages will not be found",
            f"VIRTUAL_ENV={named}",
            f"{subject.build.executable} starts outside of it: there is no pyvenv.cfg beside it",
            fix=f"{subject.build.base_executable} -m venv {named}",
        )
    return warning(
        "HF153",
        ROOM,
        "an environment is active, and hosts will not see its packages",
        f"VIRTUAL_ENV={named}",
        f"{subject.build.executable} was chosen by {subject.found.why}",
        fix=f"--python {environment_python(Path(named)) or Path(named) / 'bin' / 'python'}",
    )


def _base(subject: Subject, environment: Environment) -> Finding:
    """The installation that an environment was made from may have moved away."""
    if environment.home is None or environment.home.is_dir():
        return good("HF181", ROOM, "the environment's base", str(environment.home))
    return bad(
        "HF181",
        ROOM,
        "the environment's base Python is gone",
        f"{environment.folder / 'pyvenv.cfg'} says home = {environment.home}",
        fix=f"{subject.build.base_executable} -m venv --clear {environment.folder}",
    )


def _minor(subject: Subject, environment: Environment) -> Finding:
    """CPython accepts an environment of any version, but finds packages only in its own."""
    wanted = environment.site_packages(subject.minor, free_threaded=subject.build.free_threaded)
    made_for = environment.minor
    if (made_for is None or made_for == subject.minor) and _has_site_packages(subject, wanted):
        return good("HF166", ROOM, "the environment has the right version", str(wanted))
    said = minor_text(made_for) if made_for else "an unknown version"
    return bad(
        "HF166",
        ROOM,
        "the environment has another Python version: its packages will not be found",
        f"{environment.folder / 'pyvenv.cfg'} is of Python {said}",
        f"{subject.build.executable} is Python {minor_text(subject.minor)}",
        f"{wanted} {'exists' if wanted.is_dir() else 'does not exist'}",
        fix=f"{subject.build.base_executable} -m venv --clear {environment.folder}",
    )


def _has_site_packages(subject: Subject, wanted: Path) -> bool:
    return subject.system == "win32" or wanted.is_dir()


def _home(subject: Subject) -> Finding:
    """PYTHONHOME sets the place of the standard library; a wrong one stops Python's start."""
    home = subject.environ.get("PYTHONHOME")
    if not home:
        return good("HF154", ROOM, "PYTHONHOME is not set")
    library = f"lib/python{minor_text(subject.minor)}{'t' if subject.build.free_threaded else ''}"
    inside = "Lib" if subject.system == "win32" else library
    library_folder = Path(home.split(os.pathsep)[0]) / inside
    if standard_library(library_folder.parent, library_folder.name):
        return warning(
            "HF154",
            ROOM,
            "PYTHONHOME is set: no host will take its packages from an environment",
            f"PYTHONHOME={home}",
            fix="unset PYTHONHOME",
        )
    is_environment = (Path(home) / "pyvenv.cfg").is_file()
    return bad(
        "HF154",
        ROOM,
        "PYTHONHOME is wrong: Python will stop with \"No module named 'encodings'\"",
        f"PYTHONHOME={home}" + (", a virtual environment" if is_environment else ""),
        f"not there: {library_folder / 'encodings'}",
        fix="unset PYTHONHOME",
    )


# Names that show a path belongs to one version: a folder's, or an extension module's.
FOLDER_OF = re.compile(r"(?:^|[/\\])python(\d)\.?(\d+)t?(?=[/\\]|$)", re.IGNORECASE)
MODULE_OF = re.compile(r"\.cp(?:ython-)?(\d)(\d+)t?d?-[\w-]+\.(?:so|pyd)$")


def _path(subject: Subject) -> Finding:
    """Packages with compiled parts work with one version only."""
    listed = subject.environ.get("PYTHONPATH")
    if not listed:
        return good("HF172", ROOM, "PYTHONPATH is not set")
    wrong = []
    for entry in filter(None, listed.split(os.pathsep)):
        reason = _of_another_version(Path(entry), subject.minor)
        if reason:
            wrong.append(f"{entry}: {reason}")
    if not wrong:
        return good("HF172", ROOM, "PYTHONPATH", listed)
    return bad(
        "HF172",
        ROOM,
        f"PYTHONPATH has packages of another version than {minor_text(subject.minor)}",
        *wrong,
        fix="unset PYTHONPATH",
    )


def _of_another_version(folder: Path, minor: tuple[int, int]) -> str:
    """Why the folder belongs to another Python; empty if nothing indicates that."""
    if (named := FOLDER_OF.search(str(folder))) and (int(named[1]), int(named[2])) != minor:
        return f"a folder of Python {named[1]}.{named[2]}"
    modules = (path.name for pattern in ("*.*", "*/*.*") for path in folder.glob(pattern))
    found = [match for name in modules if (match := MODULE_OF.search(name))]
    versions = {(int(match[1]), int(match[2])) for match in found}
    if versions and minor not in versions:
        return f"modules of Python {', '.join(minor_text(v) for v in sorted(versions))}"
    return ""


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
