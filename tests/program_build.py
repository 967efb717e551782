"""Compiles test programs and their shared libraries, each once per text and Python.

Everything lies in ``.cache/tests`` of the checkout. Several test processes may build at the
same time: finished files appear by rename, and the precompiled header is made under a lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import shlex
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from header_texts import with_our_warnings
from program_text import PROGRAMS
from pyholdfast import paths
from pyholdfast.toolchain.cache import HostStore
from pyholdfast.toolchain.compiler import find_compiler, read_dependencies
from pyholdfast.toolchain.flags import flags_for
from pyholdfast.toolchain.prebuilt_runtime import COMPILED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matrix import MatrixPython
    from program_text import Program

__all__ = ["CACHE", "CHECKOUT", "CompileError", "build_library", "build_program", "missing_needs"]

CHECKOUT = Path(__file__).resolve().parent.parent
CACHE = CHECKOUT / ".cache" / "tests"
# Line tables only: enough for a stack, and a third off the compile time of full information.
STRICT = ("-g1", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror")
KEPT_PRECOMPILED = 14  # for seven Pythons, this text of the headers and the one before
# What nearly every program includes; the programs still say so themselves.
PRECOMPILED = """\
#include <holdfast/holdfast.hpp>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>
"""


class CompileError(Exception):
    """A program of ours does not build; the text is the compiler's."""


def build_program(
    program: Program,
    python: MatrixPython,
    sanitize: Sequence[str] = (),
    headers: Path | None = None,
) -> Path:
    """The program, with its shared libraries in the same folder.

    Args:
        program: what to build.
        python: what it will contain.
        sanitize: options for compiling and linking all of it, the runtime's bodies too.
        headers: a changed copy of the include folder, to be used in its place. What is built from
            it lies in a folder ``built`` beside it, and goes with it.

    Raises:
        CompileError: if any of it does not compile or link.
    """
    libraries = [
        build_library(source, python, (*program.flags, *sanitize, *_needed(program)), headers)
        for source in (*program.link, *program.shared)
    ]
    linked = [str(library) for library in libraries[: len(program.link)]]
    beside = dict.fromkeys(library.parent for library in libraries)
    flags = flags_for(python.build, optimise="-O1")
    # Shared libraries are found where they were built, so the program needs no copy of them.
    folders = ":".join(map(str, beside))
    options = [
        *_options(python, headers), *sanitize, *_needed(program),
        f'-DHOLDFAST_DEFAULT_PYTHON="{python.path}"',
    ]  # fmt: skip
    # The program's alone: neither the precompiled header nor the runtime's bodies depend on them.
    own = [*program.flags, f'-DTEST_LIBRARIES="{folders}"']
    objects: list[str] = []
    if _may_be_precompiled(program) and not headers:
        options.append(COMPILED)
        runtime = _object(paths.include_dir() / "holdfast" / "compiled.cpp", options)
        objects.append(str(runtime))
        options = ["-include", str(_precompiled(options)), *options]
    options += own
    store = _store(headers)
    objects.append(str(_object(program.source, options, store)))
    objects += [str(_object(source, [*flags.cflags, "-w", *_needed(program)]))
                for source in _needed_sources(program)]  # fmt: skip
    linking = [*objects, *linked, *(f"-Wl,-rpath,{folder}" for folder in beside)]
    linking += [*program.flags, *sanitize, *flags.ldflags, *flags.libs]
    return _make(linking, program.name, [Path(file) for file in (*objects, *linked)], store)


def build_library(
    source: Path, python: MatrixPython, extra: Sequence[str] = (), headers: Path | None = None
) -> Path:
    """A shared library, or an extension module, with hidden visibility and without libpython.

    Raises:
        CompileError: if it does not compile or link.
    """
    options = [*_options(python, headers), "-fPIC", "-fvisibility=hidden", *extra]
    store = _store(headers)
    compiled = _object(source, options, store)
    name = f"{source.stem}.so"
    linking = ["-shared", "-pthread", f"-Wl,-soname,{name}", *extra, str(compiled), "-ldl"]
    return _make(linking, name, [compiled], store)


def missing_needs(program: Program) -> str | None:
    """The first package that the program needs and this environment lacks."""
    for name in program.needs:
        try:
            importlib.import_module(name)
        except ImportError:
            return name
    return None


def _may_be_precompiled(program: Program) -> bool:
    """Whether it is linked with the runtime's bodies; else it is built from the headers alone.

    Both ways are tested. From the headers alone are built: all shared libraries, programs that say
    so, or need another package's headers, or define a macro, and copies of the headers.
    """
    defines = any(not flag.startswith(("-Wl,", "-Wno-")) for flag in program.flags)
    return program.precompiled and not program.needs and not defines


def _options(python: MatrixPython, headers: Path | None) -> list[str]:
    """For compiling what is ours."""
    flags = flags_for(python.build, optimise="-O1")
    if headers is None:
        return [*with_our_warnings(flags.cflags), *STRICT, f"-I{PROGRAMS}"]
    # First, so that the copy is found. An unused variable in it does no harm.
    return [f"-I{headers}", *flags.cflags, "-w", f"-I{PROGRAMS}"]


def _object(source: Path, options: Sequence[str], store: HostStore | None = None) -> Path:
    """Compile one file, unless it and all it includes are as they were."""
    compiler = find_compiler()
    store = store or _store()
    recipe = "\n".join(["object", str(source), compiler.identity(), paths.version(), *options])
    name = f"{source.stem}.o"
    if found := store.find(recipe, name):
        return found
    with _workplace(recipe) as folder:
        begun_ns = time.time_ns()
        out, listed = folder / name, folder / "files.d"
        _run([*compiler.command, *options, "-MD", "-MF", str(listed), "-c", str(source),
              "-o", str(out)])  # fmt: skip
        files = read_dependencies(listed.read_text(encoding="utf-8"))
        return store.add(recipe, name, out, files, begun_ns=begun_ns)


def _make(linking: Sequence[str], name: str, inputs: Sequence[Path], store: HostStore) -> Path:
    """Link, unless all that goes in is as it was."""
    compiler = find_compiler()
    recipe = "\n".join(["link", compiler.identity(), *linking])
    if found := store.find(recipe, name):
        return found
    with _workplace(recipe) as folder:
        out = folder / name
        _run([*compiler.command, *linking, "-o", str(out)])
        return store.add(recipe, name, out, inputs, begun_ns=time.time_ns())


def _precompiled(options: Sequence[str]) -> Path:
    """A header to include first, compiled once for these options and this runtime.

    Its folder is named by the text of every header of ours, so an edit makes a new one.
    """
    compiler = find_compiler()
    headers = sorted(paths.include_dir().rglob("*.?p*"))
    facts = [compiler.identity(), PRECOMPILED, *options]
    digest = hashlib.sha256("\n".join(facts).encode())
    for header in headers:
        digest.update(header.read_bytes())
    folder = CACHE / "precompiled" / digest.hexdigest()[:24]
    folder.mkdir(parents=True, exist_ok=True)
    header = folder / "common.hpp"
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "common.hpp.gch").exists():
            header.write_text(PRECOMPILED, encoding="utf-8")
            partial = folder / "partial.gch"
            command = [*compiler.command, *options, "-x", "c++-header", str(header)]
            _run([*command, "-o", str(partial)])
            partial.replace(folder / "common.hpp.gch")
            _forget_old(folder.parent)
    return header


def _forget_old(root: Path) -> None:
    """Each edit of a header makes a new folder per Python, of about 80 MB."""
    folders = sorted(root.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in folders[KEPT_PRECOMPILED:]:
        shutil.rmtree(folder, ignore_errors=True)


def _needed(program: Program) -> list[str]:
    """Where the headers of the packages in ``needs`` lie."""
    folders: list[str] = []
    for name in program.needs:
        if name == "pybind11":
            folders.append(importlib.import_module("pybind11").get_include())
        elif name == "nanobind":
            root = Path(importlib.import_module("nanobind").include_dir())
            folders += [str(root), str(root.parent / "ext" / "robin_map" / "include")]
    return [option for folder in folders for option in ("-isystem", folder)]


def _needed_sources(program: Program) -> list[Path]:
    """Sources that a package wants compiled into the program."""
    if "nanobind" not in program.needs:
        return []
    root = Path(importlib.import_module("nanobind").include_dir())
    return [root.parent / "src" / "nb_combined.cpp"]


def _store(headers: Path | None = None) -> HostStore:
    return HostStore((CACHE if headers is None else headers.parent) / "built", kept=4000)


@contextmanager
def _workplace(recipe: str) -> Iterator[Path]:
    """A folder of its own per recipe and process, on the same file system as the store."""
    name = hashlib.sha256(f"{recipe}{time.time_ns()}".encode()).hexdigest()[:24]
    folder = CACHE / "work" / name
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        message = f"{shlex.join(command)}\n{done.stderr[-6000:]}"
        raise CompileError(message)
