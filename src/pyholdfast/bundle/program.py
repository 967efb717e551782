"""Says which Python a program needs, by its own file or by a library that it is linked with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyholdfast.bundle.contents import uses_backend
from pyholdfast.doctor.binary_facts import LIBPYTHON, read_facts
from pyholdfast.doctor.loader import loaded_by
from pyholdfast.errors import ToolchainError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["demand_fit"]


def demand_fit(program: Path, build: PythonBuild, environ: Mapping[str, str]) -> bool:
    """Check that a program is for this Python; return whether it finds it at run time.

    Args:
        program: where its libraries are found from.
        build: the Python.
        environ: gives LD_LIBRARY_PATH.

    Raises:
        ToolchainError: HF125 if the program must find a libpython, and there is none.
        UsageError: HF125 if it contains no Python, or another one.
    """
    libraries = [found.path for name, found in loaded_by(program, environ).items()
                 if found.path is not None and not LIBPYTHON.match(name)]  # fmt: skip
    own = [program, *libraries]
    if any(uses_backend(file) for file in own):
        if build.library is None:
            raise ToolchainError(
                "HF125",
                f"{build.executable} has no shared libpython, which the program loads at its start",
                "choose a Python that has one with --python",
            )
        return True
    facts = [read_facts(file, environ) for file in own]
    libpythons = {one.libpython for one in facts} - {None}
    if not libpythons and not any(one.has_interpreter_inside for one in facts):
        raise UsageError(
            "HF125",
            f"'{program.name}' does not contain Python, and is not linked with it",
            "name a host: a program that holdfast, CMake or another build system linked with Python",
        )
    built_for = sorted({kind for one in facts for kind in one.built_for})
    wanted = (build.version[:2], build.free_threaded, build.debug)
    fits = all((one.minor, one.free_threaded, one.debug) == wanted for one in built_for)
    if libpythons - {build.soname} or not fits:
        its = ", ".join(map(str, built_for or libpythons))
        raise UsageError(
            "HF125",
            f"'{program.name}' was built for another Python ({its}) than"
            f" {build.executable} (Python {build.version_text})",
            "name the Python that it was built for with --python",
        )
    return False
