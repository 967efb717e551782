"""The C interface on Windows: one program on each Python, with libholdfast as a DLL and within it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from compiled_files import CACHE, compile_object, link, store_at
from elsewhere.targets import WARNED, WINDOWS_PYTHONS, facts_of
from platform_recipes.wine import wine_command
from pyholdfast import paths
from pyholdfast.toolchain.c_library import make_backend, make_library
from pyholdfast.toolchain.compiler import Compiler
from pyholdfast.toolchain.windows_python import windows_build

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST = Path(__file__).resolve().parent.parent / "c" / "start_and_say.c"
OF_C = ("-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-I", str(paths.include_dir()))
DEADLINE_S = 120


def _compilers() -> tuple[Compiler, Compiler]:
    """For C++ and for C."""
    found = facts_of("windows")["compiler"]
    return Compiler((found,), "windows"), Compiler((found.replace("g++", "gcc"),), "windows")


def _linked(name: str, objects: Sequence[Path], *more: str) -> Path:
    """A program or a DLL that needs no library of the compiler's."""
    linking = [*map(str, objects), *more, "-static"]
    return link(_compilers()[0], linking, name, objects, store_at(CACHE))


def _library() -> Path:
    """The object file of libholdfast, for a program that contains it."""
    compiling = [*WARNED, "-Wno-conversion", "-DHF_BUILDING", "-DHF_STATIC"]
    return compile_object(_compilers()[0], paths.c_dir() / "library" / "library.cpp", compiling)


def _backend(version: str) -> Path:
    """The backend for a Python, as `holdfast backend` makes it."""
    python = Path(facts_of("windows")["folder"], "pythons", version, "python.exe")
    return make_backend(windows_build(python), _compilers()[0])


def _host(folder: Path, *, is_static: bool) -> Path:
    """A program, compiled without a Python, in a folder; with the DLL that it needs."""
    c = _compilers()[1]
    if is_static:
        compiled = compile_object(c, HOST, [*OF_C, "-DHF_STATIC"])
        made = _linked("host.exe", [compiled, _library()])
    else:
        library = make_library(_compilers()[0]) / "libholdfast.dll"
        shutil.copy(library, folder)
        made = _linked("host.exe", [compile_object(c, HOST, OF_C), library])
    return Path(shutil.copy(made, folder))


def _said(host: Path, state: Path, **variables: str) -> str:
    """What a program prints under wine; the only DLLs it sees are those beside it."""
    command = wine_command(
        Path(facts_of("windows")["folder"]), state, host, ["-"], variables=variables
    )
    done = subprocess.run(command, input=b"", capture_output=True, timeout=DEADLINE_S, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("is_static", [False, True], ids=["dll", "static"])
@pytest.mark.parametrize("version", WINDOWS_PYTHONS)
def test_one_program_on_each_python(version: str, is_static: bool, tmp_path: Path) -> None:
    """It finds the Python when it starts, and the backend beside it; without, it names the command."""
    program, backends = tmp_path / "program", tmp_path / "program" / "holdfast-backends"
    backends.mkdir(parents=True)
    host = _host(program, is_static=is_static)
    named = {"HOLDFAST_PYTHON": rf"P:\{version}\python.exe"}
    for state in ("without", "with"):
        (tmp_path / state).mkdir()
    without = _said(host, tmp_path / "without", **named)
    shutil.copy(_backend(version), backends)
    known = facts_of("windows")["pythons"][version]

    assert without.startswith("HF264 "), without
    assert f"do: make it: holdfast backend --python P:\\{version}\\python.exe" in without
    assert _said(host, tmp_path / "with", **named) == f"{known} in P:\\{version}\n"
