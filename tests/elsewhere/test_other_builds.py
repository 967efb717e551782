"""CPython as others build it: static, without a shared library; for debugging; with its library in a zip.

They have the version and the processor of this machine's own, so the programs are the same.
"""

from __future__ import annotations

import dataclasses
import shlex
import zipfile
from pathlib import Path

import pytest

from compiled_files import run_compiler
from elsewhere.targets import python_here
from harness import environment_for, run_built, run_command
from matrix import MatrixPython, special
from program_text import PROGRAMS, find_source, read_program
from pyholdfast.toolchain.cache import cached_probe
from pyholdfast.toolchain.compiler import find_compiler
from pyholdfast.toolchain.flags import flags_for

PROGRAMS_HERE = ("attach_keeps_state", "finalize_waits_for_worker", "pool_executor", "typed_values")
DEADLINE_S = 120
NEEDS_AN_EXTENSION = """\
#include <cstdio>
#include <string>

#include <holdfast/holdfast.hpp>

int main() {
    const holdfast::interpreter python;
    try {
        holdfast::exec("import _ctypes");
        std::puts("has it");
    } catch (const holdfast::python_error &error) {
        std::puts(std::string(error.what()).find("undefined symbol") != std::string::npos ? "cannot" : error.what());
    }
}
"""


def _static() -> MatrixPython:
    """This machine's Python, as if it had no shared library."""
    python = python_here().python
    if python.build.static_library is None:
        pytest.skip(f"Python {python.name} has no static library")
    return MatrixPython(python.name, dataclasses.replace(python.build, library=None))


@pytest.mark.parametrize("exported", [True, False], ids=["exported", "hidden"])
def test_a_static_python(exported: bool, tmp_path: Path) -> None:
    """Its functions are the host's own; extension modules find them only if the host exports them."""
    python = _static()
    flags = flags_for(python.build, optimise="-O1")
    ldflags = list(flags.ldflags)
    if not exported:
        for word in shlex.split(python.build.variables.get("LINKFORSHARED", "")):
            ldflags.remove(word)
    source, program = tmp_path / "host.cpp", tmp_path / "host"
    source.write_text(NEEDS_AN_EXTENSION, encoding="utf-8")
    default = f'-DHOLDFAST_DEFAULT_PYTHON="{python.path}"'
    run_compiler(
        find_compiler(),
        [*flags.cflags, default, str(source), *ldflags, *flags.libs, "-o", str(program)],
    )
    outcome = run_command(
        [str(program)], environ=environment_for(python), deadline_s=DEADLINE_S, with_stacks=False
    )
    assert outcome.code == 0, outcome.explain()
    assert outcome.out == ("has it\n" if exported else "cannot\n"), outcome.explain()


def test_threads_in_a_host_with_a_static_python(tmp_path: Path) -> None:
    """Guards, and the end, as with a shared library."""
    python = _static()
    flags = flags_for(python.build, optimise="-O1")
    program = tmp_path / "program"
    run_compiler(
        find_compiler(),
        [*flags.cflags, f"-I{PROGRAMS}", f'-DHOLDFAST_DEFAULT_PYTHON="{python.path}"',
         str(find_source("attach_keeps_state.cpp")), *flags.ldflags, *flags.libs,
         "-o", str(program)],
    )  # fmt: skip
    outcome = run_command(
        [str(program)], environ=environment_for(python), deadline_s=DEADLINE_S, with_stacks=False
    )
    assert outcome.code == 0, outcome.explain()


def _home(folder: Path, python: MatrixPython, *, with_zip: bool) -> Path:
    """A home with Python's library in a zip, and its extension modules beside that."""
    minor = python.name
    library = python.build.base_prefix / "lib" / f"python{minor}"
    target = folder / "lib" / f"python{minor}"
    target.mkdir(parents=True)
    (target / "lib-dynload").symlink_to(library / "lib-dynload")
    if with_zip:
        name = folder / "lib" / f"python{minor.replace('.', '')}.zip"
        with zipfile.ZipFile(name, "w") as archive:
            for file in library.rglob("*.py"):
                inside = file.relative_to(library)
                if inside.parts[0] not in {"site-packages", "test", "idlelib"}:
                    archive.write(file, inside)
    return folder


@pytest.mark.parametrize("with_zip", [True, False], ids=["zip", "empty"])
def test_a_home_with_a_zip(with_zip: bool, tmp_path: Path) -> None:
    """PYTHONHOME leads to it, and nothing else; without the zip there is no library."""
    python = python_here().python
    home = _home(tmp_path / "home", python, with_zip=with_zip)
    program = read_program(find_source("attach_keeps_state.cpp"))
    outcome = run_built(program, python, environ={"PYTHONHOME": str(home)})
    assert (outcome.code == 0) == with_zip, outcome.explain()


@pytest.mark.parametrize("name", PROGRAMS_HERE)
@pytest.mark.skipif(not special("debug"), reason="no CPython for it: tools/pythons.py 3.13-debug")
def test_a_debug_build(name: str) -> None:
    """CPython's own assertions hold."""
    outcome = run_built(read_program(find_source(f"{name}.cpp")), special("debug")[0])
    assert outcome.code == 0, outcome.explain()


def _of_debian_for_debugging() -> MatrixPython:
    """Debian's python3-dbg: beside the usual Python, with headers and a library of its own."""
    for path in sorted(Path("/usr/bin").glob("python3.*-dbg")):
        build = cached_probe(path)
        if build.library is not None:
            return MatrixPython(f"{build.version[0]}.{build.version[1]}", build)
    pytest.skip("no Debian Python for debugging: apt-get install python3-dbg")


@pytest.mark.parametrize("name", PROGRAMS_HERE)
def test_a_debug_build_of_debian(name: str) -> None:
    """Its headers are links to the usual ones, but for pyconfig.h, which decides what is compiled."""
    python = _of_debian_for_debugging()
    outcome = run_built(read_program(find_source(f"{name}.cpp")), python)
    assert outcome.code == 0, outcome.explain()
