"""The libraries of a bundle: which are copied, and how its binaries find them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from pyholdfast.bundle.libraries import Libraries
from pyholdfast.bundle.tools import find_patchelf
from pyholdfast.toolchain.compiler import find_c_compiler
from pyholdfast.toolchain.elf import read_elf
from ship.support import demand_patchelf

if TYPE_CHECKING:
    from pathlib import Path


def linked(folder: Path, name: str, text: str, *words: object) -> Path:
    """A library or program, made by the C compiler in its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / f"{name}.c"
    source.write_text(text)
    command = [*find_c_compiler().command, str(source), *map(str, words), "-o", name]
    subprocess.run(command, check=True, cwd=folder)
    source.unlink()
    return folder / name


@pytest.mark.parametrize("relative", [False, True])
def test_a_library_that_was_linked_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, relative: bool
) -> None:
    """Without a soname, its path is what the program needs; in the bundle it is the name."""
    demand_patchelf()
    library = linked(tmp_path / "made", "libg.so", "int g(void) { return 42; }", "-shared", "-fPIC")
    monkeypatch.chdir(library.parent)
    stage = tmp_path / "stage"
    by = "../made/libg.so" if relative else library
    program = linked(stage, "host", "int g(void); int main(void) { return g(); }", by)
    monkeypatch.chdir(stage)
    assert "/" in read_elf(program).needed[0]

    libraries = Libraries(stage, find_patchelf(os.environ), [], {})
    libraries.complete({})
    library.unlink()

    assert (stage / "lib" / "libg.so").is_file()
    assert libraries.missing == {}
    assert subprocess.run([program], check=False, cwd="/").returncode == 42
