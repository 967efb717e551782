"""The C programs under AddressSanitizer and UBSan, the library and the backend included."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from c_builds import DEADLINE_S, PROGRAMS, STRICT, one_python
from compiled_files import CACHE
from harness import environment_for, run_command
from matrix import MatrixPython
from pyholdfast import paths
from pyholdfast.toolchain.c_library import backend_name
from pyholdfast.toolchain.flags import include_flags

if TYPE_CHECKING:
    from pathlib import Path

SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-g1", "-O1")
NAMES = sorted(path.stem for path in PROGRAMS.glob("*.c"))


def compile_with(compiler: str, *arguments: object) -> None:
    """Compile; a failure shows the compiler's words."""
    command = [compiler, *SANITIZE, "-pthread", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.fixture(scope="module")
def python() -> MatrixPython:
    """For the system's own C library."""
    if shutil.which("gcc") is None or shutil.which("g++") is None:
        pytest.skip("gcc and g++ are not installed")
    return one_python()


@pytest.fixture(scope="module")
def folder(python: MatrixPython) -> Path:
    """The library and the backend, compiled with the sanitizers."""
    folder = CACHE / "c-sanitized"
    folder.mkdir(parents=True, exist_ok=True)
    cxx = ("-std=c++17", "-fPIC", "-fvisibility=hidden", "-shared")
    compile_with(
        "g++", *cxx, "-DHF_BUILDING", "-isystem", paths.include_dir(),
        paths.c_dir() / "library/library.cpp", "-ldl", "-o", folder / "libholdfast.so",
    )  # fmt: skip
    compile_with(
        "g++", *cxx, *include_flags(python.build), paths.c_dir() / "backend/backend.cpp",
        "-o", folder / backend_name(python.build),
    )  # fmt: skip
    return folder


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_a_program_is_clean(name: str, python: MatrixPython, folder: Path) -> None:
    """Memory errors and undefined behaviour end a program with a report."""
    program = folder / name
    compile_with(
        "gcc", *STRICT, "-rdynamic", "-isystem", paths.include_dir(), PROGRAMS / f"{name}.c",
        f"-L{folder}", f"-Wl,-rpath,{folder}", "-lholdfast", "-o", program,
    )  # fmt: skip
    environ = {
        **environment_for(python),
        "HOLDFAST_PYTHON": str(python.path),
        "HOLDFAST_BACKENDS": str(folder),
        # CPython keeps memory until the process ends
        "ASAN_OPTIONS": "detect_leaks=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }

    outcome = run_command([str(program)], environ=environ, deadline_s=4 * DEADLINE_S)

    assert outcome.code == 0, outcome.explain()
