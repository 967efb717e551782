"""The doctor expects the same file that the loader really takes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from doctor.support import compile_cpp
from pyholdfast.doctor.loader import resolve
from pyholdfast.toolchain.elf import read_elf

NAME = "libholdfast-test.so.1"
pytestmark = pytest.mark.skipif(shutil.which("ldd") is None, reason="needs ldd")


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The host's folder, with a library in ``own``, and a folder with another copy of it."""
    home, other = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("other")
    (home / "own").mkdir()
    for folder in (home / "own", other):
        options = ("-shared", "-fPIC", f"-Wl,-soname,{NAME}")
        compile_cpp(folder / NAME, "void f() {}\n", *options)
    return home, other


def loaded(host: Path, environ: dict[str, str]) -> Path | None:
    """The file that the real loader takes."""
    done = subprocess.run(
        ["ldd", host], env={"PATH": "/usr/bin:/bin", **environ}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    found = re.search(rf"{re.escape(NAME)} => (/\S+)", done.stdout)
    return Path(found[1]) if found else None


@pytest.mark.parametrize("rpath", ["{own}", "$ORIGIN/own", "${{ORIGIN}}/own", "/none:{own}", ""])
@pytest.mark.parametrize("tags", ["--enable-new-dtags", "--disable-new-dtags"])
def test_the_loader_agrees(libraries: tuple[Path, Path], rpath: str, tags: str) -> None:
    """RPATH comes before LD_LIBRARY_PATH, RUNPATH after it; $ORIGIN is the host's folder."""
    home, other = libraries
    options = [f"-Wl,{tags}"]
    if rpath:
        options.append(f"-Wl,-rpath,{rpath.format(own=home / 'own')}")
    text = "void f(); int main() { f(); }\n"
    host = compile_cpp(home / "host", text, home / "own" / NAME, *options)
    for environ in ({}, {"LD_LIBRARY_PATH": str(other)}, {"LD_LIBRARY_PATH": f"/none:{other}"}):
        expected = loaded(host, environ)
        found = resolve(NAME, read_elf(host), environ)

        assert (found.path and found.path.resolve()) == (expected and expected.resolve()), found


def test_a_library_of_the_system_is_found() -> None:
    """In the loader's cache, or in the folders that every loader searches."""
    binary = read_elf(Path(shutil.which("cat") or "/bin/cat"))
    name = next(name for name in binary.needed if name.startswith("libc."))
    found = resolve(name, binary, {})

    assert found.path is not None
    assert found.path.name == name
