"""Configures a CMake project of hosts for a Python, with every warning an error."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from harness import environment_for, run_command
from pyholdfast import paths

if TYPE_CHECKING:
    from pathlib import Path

    from harness import Outcome
    from matrix import MatrixPython

__all__ = ["configure"]


def configure(
    source: Path,
    folder: Path,
    python: MatrixPython,
    *,
    deadline_s: float,
    flags: str = "",
    prefix: Path | None = None,
) -> Outcome:
    """What CMake said, which has succeeded.

    Args:
        source: the project.
        folder: where it is built.
        python: the Python of the hosts.
        deadline_s: as for `run_command`.
        flags: further options for the compiler.
        prefix: a folder with packages for the project.
    """
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    outcome = run_command(
        [
            *("cmake", *generator, "-S", str(source), "-B", str(folder)),
            f"-Dholdfast_ROOT={paths.cmake_dir()}",
            f"-DPython_EXECUTABLE={python.path}",
            f"-DCMAKE_CXX_FLAGS={f'{flags} -Wall -Wextra -Wshadow -Werror'.strip()}",
            *([f"-DCMAKE_PREFIX_PATH={prefix}"] if prefix else []),
        ],
        environ=environment_for(python),
        deadline_s=deadline_s,
    )
    assert outcome.code == 0, outcome.explain()
    return outcome
