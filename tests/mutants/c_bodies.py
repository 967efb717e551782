"""Builds a C program with a changed copy of the C interface's own sources."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from c_builds import PROGRAMS, STRICT, built, ensure_backend, run_on
from compiled_files import CompileError
from harness import environment_for
from pyholdfast import paths
from pyholdfast.toolchain.c_library import backend_name, backends_folder
from pyholdfast.toolchain.compiler import find_c_compiler, find_compiler
from pyholdfast.toolchain.flags import include_flags

if TYPE_CHECKING:
    from pathlib import Path

    from matrix import MatrixPython

__all__ = ["build_changed", "has_program", "sources", "trouble_of"]


def sources() -> Path:
    """What the files of a row are in."""
    return paths.c_dir()


def has_program(name: str) -> bool:
    """Whether there is a C program with this name."""
    return (PROGRAMS / f"{name}.c").is_file()


def trouble_of(name: str, python: MatrixPython) -> str:
    """How the program fails with unchanged sources; empty if it passes."""
    outcome = run_on(built(PROGRAMS / f"{name}.c", ["-rdynamic"]), python)
    return "" if outcome.code == 0 else outcome.explain()


def build_changed(
    file: str, text: str, program: str, python: MatrixPython, folder: Path
) -> tuple[Path, dict[str, str]]:
    """The program, and the environment to run it in.

    Raises:
        CompileError: the library, the backend or the program does not compile.
    """
    copy = folder / "c"
    shutil.copytree(sources(), copy)
    (copy / file).write_text(text, encoding="utf-8")
    cxx = [*find_compiler().command, "-std=c++17", "-O1", "-fPIC", "-fvisibility=hidden", "-shared"]
    include = ["-isystem", str(paths.include_dir())]
    _compile(
        [*cxx, "-DHF_BUILDING", *include, str(copy / "library/library.cpp"), "-ldl", "-pthread",
         "-o", str(folder / "libholdfast.so")],
    )  # fmt: skip
    backends = folder
    if file.startswith("library/"):  # which the backend does not include
        ensure_backend(python)
        backends = backends_folder()
    else:
        _compile(
            [*cxx, *include_flags(python.build), "-pthread", str(copy / "backend/backend.cpp"),
             "-o", str(folder / backend_name(python.build))],
        )  # fmt: skip
    binary = folder / program
    _compile(
        [*find_c_compiler().command, *STRICT, "-rdynamic", *include, str(PROGRAMS / f"{program}.c"),
         f"-L{folder}", f"-Wl,-rpath,{folder}", "-lholdfast", "-pthread", "-o", str(binary)],
    )  # fmt: skip
    environ = {
        **environment_for(python),
        "HOLDFAST_PYTHON": str(python.path),
        "HOLDFAST_BACKENDS": str(backends),
    }
    return binary, environ


def _compile(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CompileError(done.stderr[-4000:])
