"""Asks the Python that is bundled where its parts are."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.errors import ToolchainError
from pyholdfast.toolchain.elf import is_elf

if TYPE_CHECKING:
    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["Layout", "Target", "ask_target", "cannot_run"]

LIMIT_S = 60
# The site folder is where the bundled site.py will look: some distributions changed it.
QUESTIONS = r"""
import json, os, site, sys, sysconfig
folder = os.path.dirname(os.__file__)
dynamic = [p for p in sys.path if os.path.basename(p) == 'lib-dynload']
inside = 'lib/' + os.path.basename(folder) + '/'
json.dump({
    'stdlib': folder,
    'dynamic': dynamic[0] if dynamic else os.path.join(folder, 'lib-dynload'),
    'site': [p[3:] for p in site.getsitepackages(['/P']) if p.startswith('/P/' + inside)],
}, sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a Python are in a bundle; all relative to it.

    Attributes:
        libraries: the shared libraries.
        standard: the standard library.
        dynamic: that library's extension modules.
        site: packages.
    """

    libraries: Path
    standard: Path
    dynamic: Path
    site: Path


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of a Python that go into a bundle.

    Attributes:
        build: the Python.
        stdlib: the folder of its standard library.
        dynamic: the folder of that library's extension modules.
        layout: where they are in the bundle.
        interpreter: its interpreter, if that is a binary.
        byte_compiler: a Python of the same version that runs here, if there is one.
        runs_here: False if the Python is for another system than this one.
    """

    build: PythonBuild
    stdlib: Path
    dynamic: Path
    layout: Layout
    interpreter: Path | None
    byte_compiler: Path | None
    runs_here: bool = True


def ask_target(build: PythonBuild) -> Target:
    """Find the parts of a Python.

    Raises:
        ToolchainError: HF126 if it does not answer.
    """
    command = [str(build.base_executable), "-I", "-S", "-c", QUESTIONS]
    try:
        done = subprocess.run(
            command, capture_output=True, check=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL
        )
        said = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise cannot_run(build.base_executable, error) from error
    name = f"python{build.version[0]}.{build.version[1]}{'t' if build.free_threaded else ''}"
    standard = Path("lib", name)
    interpreter = build.base_executable.resolve()
    return Target(
        build=build,
        stdlib=Path(said["stdlib"]),
        dynamic=Path(said["dynamic"]),
        layout=Layout(
            libraries=Path("lib"),
            standard=standard,
            dynamic=standard / "lib-dynload",
            site=Path((said["site"] or [f"{standard}/site-packages"])[-1].lstrip("/")),
        ),
        interpreter=interpreter if is_elf(interpreter) else None,
        byte_compiler=build.base_executable,
    )


def cannot_run(python: Path, error: Exception) -> ToolchainError:
    """The error for a Python that does not do what a bundle needs."""
    return ToolchainError(
        "HF126",
        f"{python} failed while the bundle was made: {error}",
        "check that it works: holdfast doctor",
    )
