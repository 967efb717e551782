"""Reading programs and libraries."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

import pytest

from matrix import default_python
from pyholdfast.errors import ToolchainError
from pyholdfast.toolchain.compiler import find_compiler
from pyholdfast.toolchain.elf import is_elf, read_elf

SOURCE = """\
extern "C" unsigned short answer = 4242;
extern "C" int wanted();
extern "C" int given() { return wanted(); }
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small shared library with known contents."""
    folder = tmp_path_factory.mktemp("elf")
    (folder / "a.cpp").write_text(SOURCE)
    subprocess.run(
        [*find_compiler().command, "-shared", "-fPIC", "a.cpp", "-o", "liba.so", "-pthread",
         "-Wl,-soname,liba.so.7", "-Wl,-rpath,/one:/two", "-Wl,--enable-new-dtags,--no-as-needed", "-lm"],
        cwd=folder, check=True,
    )  # fmt: skip
    return folder / "liba.so"


def test_a_library_is_read(library: Path) -> None:
    """Its name, search path and needs are those that the linker was given."""
    elf = read_elf(library)

    assert elf.soname == "liba.so.7"
    assert elf.runpath == ("/one", "/two")
    assert elf.rpath == ()
    assert any(name.startswith("libm.so") for name in elf.needed)
    assert elf.interpreter is None


def test_symbols_are_told_apart(library: Path) -> None:
    """Symbols that it defines, that it imports, and that it does not have."""
    elf = read_elf(library)

    assert elf.defines("given")
    assert not elf.defines("wanted")
    assert "wanted" in elf.symbols
    assert not elf.defines("unheard_of")


def test_a_variable_can_be_read(library: Path) -> None:
    """The bytes come from the right place in the file."""
    assert read_elf(library).read_integer("answer") == 4242
    assert read_elf(library).read_integer("wanted") is None


def test_a_program_names_its_loader() -> None:
    """The shell, which every machine has."""
    interpreter = read_elf(Path("/bin/sh")).interpreter

    assert interpreter is not None
    assert Path(interpreter).is_file()


def test_libpython_says_its_version() -> None:
    """`probe` relies on it."""
    build = default_python().build
    assert build.library is not None
    expected = build.hexversion if build.version >= (3, 11) else None

    assert read_elf(build.library).read_integer("Py_Version") == expected


@pytest.mark.parametrize("kept", [4, 16, 40, 64, 200, 4000])
def test_a_file_cut_short_is_an_error(library: Path, tmp_path: Path, kept: int) -> None:
    """HF113, wherever it is cut; never a traceback."""
    cut = tmp_path / "cut.so"
    cut.write_bytes(library.read_bytes()[:kept])

    with pytest.raises(ToolchainError) as caught:
        read_elf(cut)

    assert caught.value.code == "HF113"


def test_damage_anywhere_in_the_header_is_an_error_or_harmless(
    library: Path, tmp_path: Path
) -> None:
    """With each byte of the header inverted: HF113, or it can still be read."""
    whole = library.read_bytes()
    damaged = tmp_path / "damaged.so"
    for position in range(64):
        data = bytearray(whole)
        data[position] ^= 0xFF
        damaged.write_bytes(data)
        with contextlib.suppress(ToolchainError):
            read_elf(damaged)


def test_other_files_are_told_apart(tmp_path: Path) -> None:
    """Scripts, folders and missing files."""
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")

    assert not is_elf(script)
    assert not is_elf(tmp_path)
    assert not is_elf(tmp_path / "missing")
    for path in (script, tmp_path, tmp_path / "missing"):
        with pytest.raises(ToolchainError, match="HF113"):
            read_elf(path)
