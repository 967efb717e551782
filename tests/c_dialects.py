"""Reads a C header with a compiler in a dialect of C or C++; any warning is an error."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from pyholdfast import paths

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["complaints"]

STRICT = (
    "-pedantic", "-Werror", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wcast-qual",
)  # fmt: skip
OF_LANGUAGE = {"c": ("-Wstrict-prototypes",), "c++": ("-Wold-style-cast",)}


def complaints(dialect: tuple[str, str, str], *sources: Path, options: tuple[str, ...] = ()) -> str:
    """What the compiler says of `sources`: nothing, if all is well. Skips without the compiler.

    Args:
        dialect: compiler, language as for ``-x``, standard.
        sources: the files.
        options: further ones; by default our headers are read as a user's own.
    """
    compiler, language, standard = dialect
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    done = subprocess.run(
        [compiler, "-x", language, f"-std={standard}", *STRICT, *OF_LANGUAGE[language],
         *(options or (f"-I{paths.include_dir()}",)), "-fsyntax-only", *map(str, sources)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stderr if done.returncode == 0 else f"{done.stderr}\nstatus {done.returncode}"
