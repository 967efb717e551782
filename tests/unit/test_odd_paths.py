"""Options keep paths with blanks, commas, quotes and letters of all planes as they are."""

from __future__ import annotations

import dataclasses
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from matrix import default_python
from pyholdfast import paths
from pyholdfast.toolchain import c_library
from pyholdfast.toolchain.compiler import Compiler, find_c_compiler
from pyholdfast.toolchain.elf import read_elf
from pyholdfast.toolchain.flags import flags_for, path_option

ODD = (
    "plain",
    "two words",
    "a,b",
    "a, 'b'",
    'quote"d',
    "größer",
    "\U0001f40d",
    "dollar$HOME",
    "#1",
)


def made(folder: Path, text: str, *words: str) -> Path:
    """A program of one source file."""
    source, out = folder / "host.c", folder / "host"
    source.write_text(text)
    command = [*find_c_compiler().command, str(source), *words, "-o", str(out)]
    subprocess.run(command, check=True)
    return out


@pytest.mark.parametrize("name", ODD)
def test_a_macro_has_the_path(tmp_path: Path, name: str) -> None:
    """The program says it, byte for byte."""
    text = "#include <stdio.h>\nint main(void) { return puts(AT) < 0; }\n"
    program = made(tmp_path, text, path_option("AT", Path("/no", name)))

    said = subprocess.run([program], check=True, capture_output=True).stdout

    assert said == os.fsencode(f"/no/{name}\n")


@pytest.mark.parametrize("name", ODD)
def test_the_linker_gets_the_run_path(tmp_path: Path, name: str) -> None:
    """Of a Python in such a folder, and of the C library's."""
    folder = tmp_path / name
    folder.mkdir()
    library = Path(shutil.copy(default_python().build.library or "/no", folder))
    build = dataclasses.replace(
        default_python().build, library=library, library_dirs=(), loader=None
    )
    flags = flags_for(build)
    of_c = [word for word in c_library.link_options(folder) if word != "-lholdfast"]
    program = made(tmp_path, "int main(void) { return 0; }\n", *flags.ldflags, *of_c)

    elf = read_elf(program)

    assert {*elf.rpath, *elf.runpath} == {str(folder)}


@pytest.mark.skipif(shutil.which("pkg-config") is None, reason="pkg-config is not installed")
@pytest.mark.parametrize("name", ODD)
def test_pkg_config_gives_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """As one word for the compiler, which has no other one of it."""
    folder = tmp_path / name
    folder.mkdir()
    monkeypatch.setattr(c_library, "make_library", lambda *_, **__: folder)
    monkeypatch.setattr(paths, "include_dir", lambda: folder / "include")
    made = c_library.pkgconfig_folder(Compiler(("c++",), "test"))

    done = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "holdfast-c"],
        env={"PKG_CONFIG_PATH": str(made), "PATH": os.environ["PATH"], "HOME": "/no"},
        check=True, capture_output=True,
    )  # fmt: skip

    # It escapes single bytes, as a shell reads them
    words = [
        os.fsdecode(word.encode("latin-1")) for word in shlex.split(done.stdout.decode("latin-1"))
    ]
    assert f"-L{folder}" in words
    assert {str(folder / "include"), f"-isystem{folder / 'include'}"} & set(words), words
    rpath = words[-2:-1] if "," in name else [words[-2].removeprefix("-Wl,-rpath,")]
    assert rpath == [str(folder)], words
