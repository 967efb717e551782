"""The systems, processors, C and C++ libraries that programs are built for besides this machine's own.

What each needs comes from `tools/platforms.py`. A target that is not there is skipped, with the
command that provides it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from compiled_files import CHECKOUT
from matrix import usable
from own_home import pythons_cache
from platform_recipes.wine import wine_command
from pyholdfast import paths
from pyholdfast.toolchain.compiler import Compiler

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matrix import MatrixPython

__all__ = ["TARGETS", "WARNED", "Target", "facts_of", "python_here", "target", "zig_compiler"]

WINDOWS_PYTHONS = ("3.10", "3.12", "3.13")


@dataclass(frozen=True)
class Target:
    """One row of the support table: how programs are built for it, and how they are run.

    Attributes:
        name: for the ids of tests.
        row: its system, processor, compiler and C++ library, for readers.
        python: the Python that programs contain.
        compiler: builds programs for it.
        compiling: its options, Python's headers among them.
        linking: what follows the objects.
        suffix: of a program.
        run: the command that runs a program, from its path and an empty folder.
        needs_pipes: whether its output must be a pipe, not a file.
        home_python: the path of the Python as the program sees it.
        how: how programs are run.
    """

    name: str
    row: tuple[str, str, str, str]
    python: str
    compiler: Compiler
    compiling: tuple[str, ...]
    linking: tuple[str, ...]
    home_python: str
    run: Callable[[Path, Path], list[str]] = lambda program, _: [str(program)]
    suffix: str = ""
    how: str = "run here"
    needs_pipes: bool = False

    @property
    def headers(self) -> Path:
        """The folder with Python's headers."""
        return Path(self.compiling[self.compiling.index("-isystem") + 1])


@cache
def facts() -> dict[str, dict[str, Any]]:
    """What `tools/platforms.py` has provided, by name."""
    done = subprocess.run(
        [sys.executable, CHECKOUT / "tools" / "platforms.py", "--list"],
        capture_output=True, text=True, check=True,
        env={**os.environ, "XDG_CACHE_HOME": pythons_cache(os.environ)},
    )  # fmt: skip
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {entry["name"]: entry for entry in found}


def facts_of(name: str) -> dict[str, Any]:
    """The facts of one platform; the test is skipped if it has not been provided."""
    found = facts().get(name)
    if found is None:
        pytest.skip(f"tools/platforms.py {name} has not provided it")
    return found


HEADERS = ("-I", str(paths.include_dir()))


WARNED = (
    "-std=c++17", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", *HEADERS,
    "-pthread",
)  # fmt: skip


def _warned(*options: str) -> tuple[str, ...]:
    return (*WARNED, *options)


@dataclass(frozen=True)
class PythonHere:
    """A Python of this machine that uses its C library, as other compilers for it do.

    Attributes:
        python: what the tests know about it.
    """

    python: MatrixPython

    @property
    def includes(self) -> tuple[str, ...]:
        """The options that find its headers."""
        folders = self.python.build.include_dirs
        return tuple(word for folder in folders for word in ("-isystem", str(folder)))

    @property
    def linking(self) -> tuple[str, ...]:
        """The options that link its library."""
        library = self.python.build.library
        assert library is not None
        return (str(library), f"-Wl,-rpath,{library.parent}", "-rdynamic", "-pthread", "-ldl")


def python_here() -> PythonHere:
    """The newest such Python; the test is skipped if there is none."""
    found = [p for p in usable() if p.build.loader is None and not p.build.free_threaded]
    if not found:
        pytest.skip("no Python with headers and a shared libpython")
    return PythonHere(found[-1])


def zig_compiler() -> Compiler:
    """Zig's C++ compiler. What it builds of its libraries it keeps beside it, for later runs."""
    known = facts_of("zig")
    for name in ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"):
        os.environ[name] = known["cache"]
    return Compiler((known["compiler"], "c++"), "zig")


def _for_processor(name: str, row: tuple[str, str, str, str]) -> Target:
    """Linux on another processor: a cross compiler, and a tree with its C library and Python."""
    known = facts_of(name)
    root, version, triplet = known["root"], known["python"], known["triplet"]
    library = f"{root}/usr/lib/{triplet}/libpython{version}.so.1.0"
    # The files of the tree are found first, by the paths that they have on such a machine.
    runner = known["runner"]
    return Target(
        name, row, version, Compiler((known["compiler"],), name),
        _warned("-isystem", f"{root}/usr/include/python{version}"),
        (library, "-Wl,--allow-shlib-undefined", "-rdynamic", "-pthread", "-ldl"),
        f"/usr/bin/python{version}",
        run=lambda program, _: [*runner, str(program)],
        how="emulated by qemu",
    )  # fmt: skip


def aarch64() -> Target:
    """Run by qemu, which runs one instruction after the other: it shows nothing about memory order."""
    return _for_processor("aarch64", ("Linux", "aarch64", "g++ 12", "libstdc++"))


def i386() -> Target:
    """Run by qemu."""
    return _for_processor("i386", ("Linux", "i386", "g++ 12", "libstdc++"))


def libcxx() -> Target:
    """LLVM's C++ library, with this machine's C library and Python."""
    known = facts_of("libc++")
    return _of_this_machine(
        "libc++", ("Linux", "x86-64", "clang++ 14", "libc++"),
        Compiler((known["compiler"],), "clang++ with libc++"), known["options"],
    )  # fmt: skip


def zig() -> Target:
    """Zig's clang, which brings a libc++ of its own: what the extra ``[zig]`` uses."""
    row = ("Linux", "x86-64", f"zig {facts_of('zig')['version']}", "libc++")
    return _of_this_machine("zig", row, zig_compiler(), ())


def _of_this_machine(
    name: str, row: tuple[str, str, str, str], compiler: Compiler, options: Sequence[str]
) -> Target:
    here = python_here()
    return Target(
        name, row, here.python.name, compiler, _warned(*options, *here.includes),
        (*options, *here.linking), str(here.python.path),
    )  # fmt: skip


def musl() -> Target:
    """Musl instead of glibc: CPython built by musl-gcc, programs by zig."""
    known, compiler = facts_of("musl"), zig_compiler()
    prefix, version = known["prefix"], known["python"]
    options = ("-target", known["target"])
    return Target(
        "musl", ("Linux, musl", "x86-64", f"zig {facts_of('zig')['version']}", "libc++"), version,
        compiler,
        _warned(*options, "-isystem", f"{prefix}/include/python{version}"),
        (*options, "-dynamic", f"{prefix}/lib/libpython{version}.so.1.0",
         f"-Wl,-rpath,{prefix}/lib", "-rdynamic", "-pthread"),
        known["executable"],
    )  # fmt: skip


def windows(version: str) -> Target:
    """Windows x86-64: mingw-w64, and python.org's Python under wine."""
    known = facts_of("windows")
    folder = Path(known["folder"])
    python = folder / "pythons" / version
    library = f"python{version.replace('.', '')}"
    return Target(
        f"windows-{version}", ("Windows", "x86-64", "mingw-w64 g++ 12", "libstdc++"),
        known["pythons"][version], Compiler((known["compiler"],), "windows"),
        _warned("-isystem", str(python / "include")),
        # The first thread's stack is small unless the linker is told otherwise.
        ("-static", "-Wl,--stack,8388608", str(python / f"{library}.dll")),
        f"P:/{version}/python.exe",
        run=lambda program, state: wine_command(folder, state, program, python=version),
        suffix=".exe",
        how="run by wine",
        needs_pipes=True,
    )  # fmt: skip


TARGETS: dict[str, Callable[[], Target]] = {
    "aarch64": aarch64,
    "i386": i386,
    "libc++": libcxx,
    "zig": zig,
    "musl": musl,
    **{f"windows-{version}": partial(windows, version) for version in WINDOWS_PYTHONS},
}


def target(name: str) -> Target:
    """A target by name; the test is skipped if its platform has not been provided."""
    return TARGETS[name]()
