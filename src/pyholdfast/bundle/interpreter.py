"""Puts an interpreter into a bundle: the Python's own, or a smaller one that shares its libpython."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.bundle.standard_library import copy_file
from pyholdfast.errors import HoldfastError, ToolchainError
from pyholdfast.toolchain.compiler import find_compiler, run_compiler
from pyholdfast.toolchain.elf import read_elf
from pyholdfast.toolchain.flags import flags_for

if TYPE_CHECKING:
    from pyholdfast.bundle.target import Target

__all__ = ["INTERPRETER", "add_interpreter"]

INTERPRETER = "lib/bin/python3"
SOURCE = """\
extern "C" int Py_BytesMain(int, char **);
int main(int count, char **words) { return Py_BytesMain(count, words); }
"""


def add_interpreter(target: Target, stage: Path) -> bool:
    """Make ``lib/bin/python3``, for child processes; return False if it cannot be made.

    Some distributions' interpreters contain a second libpython, of several megabytes. One that is
    linked with the shared library takes its place, if there is a compiler.
    """
    place = stage / INTERPRETER
    if target.interpreter is not None:
        copy_file(target.interpreter, place)
    library = target.build.library
    if library is None or (place.exists() and target.build.soname in read_elf(place).needed):
        return place.exists()
    try:
        with tempfile.TemporaryDirectory(prefix="holdfast-") as folder:
            _link(target, Path(folder), place)
    except HoldfastError:  # no compiler, or no headers: not needed for a program that is built
        pass
    return place.exists()


def _link(target: Target, folder: Path, place: Path) -> None:
    source, linked = folder / "python.cpp", folder / "python"
    source.write_text(SOURCE, encoding="ascii")
    flags = flags_for(target.build)
    compiler = find_compiler()
    options = [word for option in flags.ldflags for word in compiler.adapted(option)]
    run_compiler(
        compiler,
        ["-O2", *options, str(source), *flags.libs, "-o", str(linked)],
        ToolchainError("HF110", "an interpreter for the bundle does not link", "see above"),
    )
    copy_file(linked, place)
