"""What is compiled elsewhere but not run: macOS, and this machine's other compilers and newer C++.

There is no macOS to run a program on, nor its Python: a host is linked with Python's functions left
open, as in an extension module.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from compiled_files import CHECKOUT, compile_object, run_compiler
from elsewhere.targets import WARNED, python_here, zig_compiler
from header_texts import NEEDS_CXX20
from own_home import pythons_cache
from pyholdfast import paths
from pyholdfast.toolchain.compiler import Compiler
from pyholdfast.toolchain.prebuilt_runtime import COMPILED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

INCLUDE = paths.include_dir()
MACS = {"aarch64-macos": "arm64", "x86_64-macos": "x86_64"}
# The oldest and the newest C++ that each compiler can.
STANDARDS = {
    "clang++-14": ("c++17", "c++20"), "clang++-15": ("c++20", "c++2b"),
    "clang++-16": ("c++17", "c++2b"), "clang++-17": ("c++20", "c++2c"),
    "clang++-18": ("c++20", "c++2c"), "clang++-19": ("c++17", "c++2c"),
    "clang++-20": ("c++20", "c++2c"), "clang++-21": ("c++20", "c++2c"),
    "clang++-22": ("c++17", "c++2c"),
    "g++-10": ("c++17", "c++20"), "g++-11": ("c++17", "c++2b"), "g++-12": ("c++17", "c++2b"),
    "g++-13": ("c++20", "c++2b"), "g++-14": ("c++17", "c++26"), "g++-15": ("c++20", "c++26"),
    "g++-16": ("c++17", "c++26"),
}  # fmt: skip
# A host has warnings of its own choice.
PLAINER = ("-Wno-conversion", "-Wno-sign-conversion")
IN_THE_SAMPLE = ("clang++-19-c++2c", "g++-11-c++17", "g++-16-c++26")


def host(folder: Path) -> Path:
    """The host that the README shows."""
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- snippet: program -->\n```cpp\n(.*?)```", text, re.DOTALL)
    assert found is not None
    source = folder / "host.cpp"
    source.write_text(found[1], encoding="utf-8")
    return source


def all_headers(folder: Path, besides: str = "") -> Path:
    """A file that includes every header, but those of the room `besides`.

    Those of coroutines only where the compiler has coroutines by this standard.
    """
    names = sorted(file.relative_to(INCLUDE).as_posix() for file in INCLUDE.rglob("*.h*"))
    left_out = re.compile(rf"holdfast/(PyThreadStateLock\.h|{besides or '-'}[./].*)")
    taken = [name for name in names if not left_out.fullmatch(name)]
    lines = [f"#include <{name}>" for name in taken if name not in NEEDS_CXX20]
    lines += ["#if defined(__cpp_impl_coroutine)"]
    lines += [f"#include <{name}>" for name in taken if name in NEEDS_CXX20] + ["#endif"]
    source = folder / "all_headers.cpp"
    source.write_text("\n".join([*lines, "int main() {}", ""]), encoding="utf-8")
    return source


@pytest.mark.parametrize(
    "target",
    [pytest.param(name, marks=[pytest.mark.sample] * name.startswith("aarch64")) for name in MACS],
)
def test_a_host_links_for_macos(target: str, tmp_path: Path) -> None:
    """The runtime, the README's host and every header but the workers' compile without a warning."""
    compiler = zig_compiler()
    options = ["-target", target, *WARNED, *python_here().includes]
    built = str(tmp_path / "all_headers.o")
    run_compiler(compiler, [*options, "-c", str(all_headers(tmp_path, "isolated")), "-o", built])
    runtime = compile_object(compiler, INCLUDE / "holdfast" / "compiled.cpp", [*options, COMPILED])
    program = tmp_path / "host"
    run_compiler(
        compiler,
        [*options, *PLAINER, COMPILED, str(host(tmp_path)), str(runtime), "-Wl,-undefined,dynamic_lookup",
         "-o", str(program)],
    )  # fmt: skip
    told = subprocess.run(["file", program], capture_output=True, text=True, check=True).stdout
    assert f"Mach-O 64-bit {MACS[target]} executable" in told


def cases() -> Iterator[ParameterSet]:
    """Compilers by standards."""
    for compiler, standards in STANDARDS.items():
        for standard in standards:
            case = f"{compiler}-{standard}"
            marks = [pytest.mark.sample] * (case in IN_THE_SAMPLE)
            yield pytest.param(compiler, standard, id=case, marks=marks)


@pytest.mark.parametrize(("name", "standard"), list(cases()))
def test_a_compiler_takes_everything(name: str, standard: str, tmp_path: Path) -> None:
    """The runtime's bodies, the README's host and every header, without a warning."""
    options = [*WARNED, *python_here().includes, f"-std={standard}", "-fsyntax-only"]
    source = tmp_path / "everything.cpp"
    bodies = (INCLUDE / "holdfast" / "compiled.cpp").read_text(encoding="utf-8")
    source.write_text(f"{bodies}\n{all_headers(tmp_path).read_text(encoding='utf-8')}")
    compiler = _compiler(name, tmp_path)
    run_compiler(compiler, [*options, COMPILED, str(source)])
    run_compiler(compiler, [*options, *PLAINER, COMPILED, str(host(tmp_path))])


def _compiler(name: str, folder: Path) -> Compiler:
    """One of this machine, or of the Debian tree that `tools/pythons.py` makes."""
    if found := shutil.which(name):
        return Compiler((found,), name)
    tree = Path(pythons_cache(os.environ), "holdfast", "pythons", "debian-sid")
    bwrap = shutil.which("bwrap")
    if bwrap is None or not (tree / "usr" / "bin" / name).exists():
        pytest.skip(
            f"{name} is not installed: tools/platforms.py compilers installs what Debian has"
        )
    seen = [INCLUDE, *(Path(word) for word in python_here().includes if word[0] == "/"), folder]
    binds = [word for path in seen for word in ("--ro-bind", str(path), str(path))]
    # The root is empty at first, so that folders can be made for a checkout wherever it lies.
    command = [bwrap, "--tmpfs", "/"]
    for part in ("usr", "etc", "bin", "sbin", "lib", "lib64"):
        if (tree / part).is_symlink():
            command += ["--symlink", str((tree / part).readlink()), f"/{part}"]
        elif (tree / part).is_dir():
            command += ["--ro-bind", str(tree / part), f"/{part}"]
    return Compiler((*command, "--dir", "/tmp", *binds, "--dev", "/dev", name), name)  # noqa: S108 inside
