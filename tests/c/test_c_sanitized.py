"""The C programs under AddressSanitizer and UBSan, the library and the backend included."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from c_builds import DEADLINE_S, PROGRAMS, STRICT
from compiled_files import CACHE, compile_object, link, store_at
from harness import environment_for, run_command
from matrix import usable
from pyholdfast import paths
from pyholdfast.toolchain.c_library import backend_name
from pyholdfast.toolchain.compiler import Compiler
from pyholdfast.toolchain.flags import include_flags

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matrix import MatrixPython

SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-g1", "-O1")
CXX = ("-std=c++17", "-fPIC", "-fvisibility=hidden", "-isystem", str(paths.include_dir()))
NAMES = sorted(path.stem for path in PROGRAMS.glob("*.c"))
PYTHONS = [
    pytest.param(python, id=python.name)
    for python in usable()
    if python.build.loader is None  # the sanitizers are for the system's own C library
]

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        shutil.which("gcc") is None or shutil.which("g++") is None,
        reason="gcc and g++ are not installed",
    ),
]


def made(source: Path, name: str, options: Sequence[str], linking: Sequence[str]) -> Path:
    """A file of one source, with the sanitizers; made once."""
    compiler = Compiler(("gcc" if source.suffix == ".c" else "g++",), "gcc")
    compiled = compile_object(compiler, source, [*SANITIZE, *options])
    words = [*SANITIZE, "-pthread", str(compiled), *linking]
    return link(compiler, words, name, [compiled], store_at(CACHE))


def library() -> Path:
    """As the command line makes it, but with the sanitizers."""
    source = paths.c_dir() / "library" / "library.cpp"
    linking = ("-shared", "-Wl,-soname,libholdfast.so", "-ldl")
    return made(source, "libholdfast.so", [*CXX, "-DHF_BUILDING"], linking)


def backend(python: MatrixPython) -> Path:
    """For one Python."""
    source = paths.c_dir() / "backend" / "backend.cpp"
    options = [*CXX, *include_flags(python.build)]
    return made(source, backend_name(python.build), options, ["-shared"])


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", NAMES)
def test_a_program_is_clean(name: str, python: MatrixPython) -> None:
    """Memory errors and undefined behaviour end a program with a report."""
    holdfast = library()
    options = [*STRICT, "-isystem", str(paths.include_dir())]
    linking = ["-rdynamic", str(holdfast), f"-Wl,-rpath,{holdfast.parent}"]
    program = made(PROGRAMS / f"{name}.c", name, options, linking)
    environ = {
        **environment_for(python),
        "HOLDFAST_PYTHON": str(python.path),
        "HOLDFAST_BACKENDS": str(backend(python).parent),
        # CPython keeps memory until the process ends
        "ASAN_OPTIONS": "detect_leaks=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }
    if not python.build.free_threaded:  # whose allocator cannot be replaced
        environ["PYTHONMALLOC"] = "malloc"

    outcome = run_command([str(program)], environ=environ, deadline_s=4 * DEADLINE_S)

    assert outcome.code == 0, outcome.explain()
