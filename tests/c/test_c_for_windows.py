"""libholdfast and backends for Windows, made on this system by mingw-w64; tests/elsewhere runs them."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from c_builds import STRICT
from harness import run_holdfast
from matrix import default_python
from pyholdfast import paths
from pyholdfast.toolchain.windows_python import windows_build

if TYPE_CHECKING:
    from pathlib import Path

    from harness import Outcome

CXX = "x86_64-w64-mingw32-g++"
HOST = """\
#include <holdfast/holdfast.h>

int main(void) {
    hf_interpreter *python;
    return hf_start(NULL, &python) != HF_OK || hf_finalize(python, -1, NULL) != HF_OK;
}
"""
PATCHLEVEL = """\
#define PY_MAJOR_VERSION        3
#define PY_MINOR_VERSION        13
#define PY_MICRO_VERSION        2
"""


def files_of_a_python(folder: Path, library: str) -> Path:
    """What is read of a Python for Windows; returns its python.exe."""
    (folder / "include").mkdir(parents=True)
    (folder / "include" / "patchlevel.h").write_text(PATCHLEVEL)
    (folder / library).touch()
    (folder / "python.exe").touch()
    return folder / "python.exe"


@pytest.mark.parametrize(("library", "version"), [("python313.dll", "3.13.2"),
                                                  ("python313t.dll", "3.13.2t")])  # fmt: skip
def test_a_python_is_known_by_its_files(library: str, version: str, tmp_path: Path) -> None:
    """It cannot be asked."""
    build = windows_build(files_of_a_python(tmp_path / "python", library))

    assert build.version_text == version
    assert build.library == tmp_path / "python" / library


def made_by(compiler: str, python: Path | str) -> Outcome:
    """What `holdfast backend` says."""
    return run_holdfast("backend", "--python", python, environ={"CXX": compiler})


def test_what_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A Python without headers or DLL; a compiler for another system."""
    python = files_of_a_python(tmp_path / "python", "python313.dll")
    other = made_by("g++", python)
    (python.parent / "python313.dll").unlink()

    assert other.err.startswith("HF109 'g++' makes no backend for '"), other.explain()
    assert "do: set CXX=x86_64-w64-mingw32-g++" in other.err
    assert made_by("g++", python).err.startswith("HF106 '")
    assert made_by("g++", tmp_path / "python.exe").err.startswith("HF105 Python.h is not")


@pytest.mark.ci
@pytest.mark.skipif(shutil.which(CXX) is None, reason=f"{CXX} is not installed")
def test_the_library_is_a_dll_that_a_program_links(tmp_path: Path) -> None:
    """By what config says; it has every function, and needs no DLL of the compiler's."""
    environ = {"CXX": CXX, "CC": CXX.replace("g++", "gcc")}
    source = tmp_path / "host.c"
    source.write_text(HOST, encoding="utf-8")
    done = run_holdfast("config", "--c", "--cflags", "--libs", environ=environ)
    words = done.out.split()
    folder = next(word for word in words if word.startswith("-L"))[2:]

    subprocess.run(
        [environ["CC"], *STRICT, str(source), *words, "-o", str(tmp_path / "host.exe")], check=True
    )
    shown = subprocess.run(
        [CXX.replace("g++", "objdump"), "-p", f"{folder}/libholdfast.dll"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    header = (paths.include_dir() / "holdfast" / "holdfast.h").read_text(encoding="utf-8")
    for name in re.findall(r"HF_CALL\s+(hf_\w+)\(", header):
        assert re.search(rf"\] {name}$", shown, re.MULTILINE), name
    needed = set(re.findall(r"DLL Name: (.*)", shown))
    assert needed <= {"KERNEL32.dll", "msvcrt.dll", "ADVAPI32.dll"}
    assert "another system" in made_by(CXX, default_python().path).err
