"""Each header compiles alone, and all of them can be in several files of one program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from header_texts import HEADERS, NEEDS_CXX20, PUBLIC, ROOT, compile_text, with_our_warnings
from matrix import default_python
from pyholdfast.toolchain.compiler import Compiler, find_compiler
from pyholdfast.toolchain.flags import flags_for

if TYPE_CHECKING:
    from collections.abc import Sequence

UNITS = (
    ("one", "int one();\nint one() { return 1; }"),
    ("two", "int one();\nint main() { return one() - 1; }"),
)


def run_of(header: str) -> Sequence[pytest.MarkDecorator]:
    """The short run has those at the top, which the docs name, and CI the other public ones."""
    if header.count("/") == 1:
        return ()
    # Nobody includes a private one by itself.
    return (pytest.mark.ci if header in PUBLIC else pytest.mark.long,)


@pytest.mark.parametrize(
    "header",
    [pytest.param(header, marks=run_of(header)) for header in HEADERS],
)
@pytest.mark.parametrize("standard", ["c++17", pytest.param("c++20", marks=pytest.mark.long)])
def test_a_header_compiles_alone(header: str, standard: str, tmp_path: Path) -> None:
    """It includes what it uses, in both standards, without a warning, and also without the bodies."""
    text = f"#include <{header}>\n#include <{header}>\n"

    compile_text(text, tmp_path, "-fsyntax-only", standard=standard)
    compile_text(text, tmp_path, "-fsyntax-only", "-DHOLDFAST_COMPILED", standard=standard)


@pytest.mark.long
def test_coroutines_need_a_newer_standard(tmp_path: Path) -> None:
    """Each of their headers compiles alone as C++20."""
    for header in NEEDS_CXX20:
        text = f"#include <{header}>\n#include <{header}>\n"
        compile_text(text, tmp_path, "-fsyntax-only", standard="c++20")
        compile_text(text, tmp_path, "-fsyntax-only", "-DHOLDFAST_COMPILED", standard="c++20")


@pytest.mark.skipif(shutil.which("clang++") is None, reason="clang++ is not installed")
@pytest.mark.parametrize("standard", ["c++17", pytest.param("c++20", marks=pytest.mark.long)])
def test_clang_takes_all_of_them(standard: str, tmp_path: Path) -> None:
    """Without any of clang's own warnings."""
    text = "".join(f"#include <{header}>\n" for header in HEADERS)
    clang = find_compiler({**os.environ, "CXX": "clang++"})

    compile_text(text, tmp_path, "-fsyntax-only", standard=standard, compiler=clang)


@pytest.mark.ci
def test_two_files_of_one_program_can_include_everything(tmp_path: Path) -> None:
    """Nothing is defined twice: every function and every variable is inline."""
    everything = "".join(f"#include <{header}>\n" for header in HEADERS)
    objects = []
    for name, text in UNITS:
        folder = tmp_path / name
        folder.mkdir()
        objects.append(str(folder / "unit.o"))
        compile_text(f"{everything}{text}\n", folder, "-c", "-o", objects[-1])
    flags = flags_for(default_python().build)
    program = str(tmp_path / "program")
    subprocess.run(
        [*find_compiler().command, *objects, *flags.ldflags, *flags.libs, "-o", program], check=True
    )

    assert subprocess.run([program], check=False).returncode == 0


def test_nothing_is_named_that_only_one_library_has() -> None:
    """libc++, which zig and macOS use, has no __forced_unwind, and no headers in bits/ and ext/."""
    only_in_libstdcxx = re.compile(r"__forced_unwind|__gnu_cxx|<cxxabi\.h>|<(?:bits|ext)/")
    lines = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in sorted(ROOT.rglob("*.?p*"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if only_in_libstdcxx.search(line.partition("//")[0])
    ]

    assert not lines


@pytest.mark.long
@pytest.mark.skipif(find_spec("ziglang") is None, reason="ziglang is not installed")
def test_libcxx_takes_all_of_them(tmp_path: Path) -> None:
    """With the compiler of the extra `zig`, which includes libc++."""
    text = "".join(f"#include <{header}>\n" for header in HEADERS)
    zig = Compiler((sys.executable, "-m", "ziglang", "c++"), "ziglang", is_zig=True)

    compile_text(text, tmp_path, "-O1", "-fsyntax-only", compiler=zig)


def test_what_is_reported_on_stderr_is_written_at_once() -> None:
    """By say(), which flushes; an output sink flushes its lines, and holdfast.h has an example."""
    write = re.compile(r"\bf(?:printf|puts|write|putc)\s*\([^;]*\bstderr\b")
    found = {
        str(file.relative_to(ROOT / "holdfast"))
        for file in (ROOT / "holdfast").rglob("*")
        if file.suffix in (".hpp", ".ipp", ".cpp", ".h") and write.search(file.read_text())
    }

    assert found == {"output/output.hpp", "holdfast.h"}


def test_what_is_rethrown_has_its_message_on_windows() -> None:
    """By rethrow(); the others' handlers are for forced unwinds, of POSIX, or catch what they rethrow."""
    found = {
        str(file.relative_to(ROOT / "holdfast"))
        for file in (ROOT / "holdfast").rglob("*.?pp")
        if re.search(r"^\s*throw;", file.read_text(), re.MULTILINE)
    }

    assert found == {
        "objects/exception_boundary.ipp", "platform/child_process.hpp",
        "platform/forced_unwind.hpp", "platform/rethrow.hpp",
    }  # fmt: skip


PEDANTIC = ("-Wall", "-Wextra", "-Weffc++", "-Wold-style-cast", "-Wnon-virtual-dtor", "-Werror")


@pytest.mark.ci
@pytest.mark.parametrize("name", ["g++", "clang++"])
def test_users_never_see_our_warnings(name: str, tmp_path: Path) -> None:
    """A host compiles even if its warnings, treated as errors, would apply to our headers."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    compiler = find_compiler({**os.environ, "CXX": name})
    flags = flags_for(default_python().build, optimise="-O0")
    source = tmp_path / "unit.cpp"
    source.write_text("#include <holdfast/holdfast.hpp>\n", encoding="utf-8")
    useless = ["-Wuseless-cast"] if name == "g++" else []
    outcomes = [
        subprocess.run(
            [*compiler.command, *cflags, *PEDANTIC, *useless, "-fsyntax-only", str(source)],
            capture_output=True, text=True, check=False,
        )
        for cflags in (flags.cflags, with_our_warnings(flags.cflags))
    ]  # fmt: skip

    assert outcomes[0].returncode == 0, outcomes[0].stderr
    assert outcomes[1].returncode != 0, "the headers pass by themselves: -isystem is not needed"
