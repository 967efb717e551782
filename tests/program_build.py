"""Builds test programs and their shared libraries against a Python."""

from __future__ import annotations

import importlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from compiled_files import CACHE, compile_object, link, store_at
from header_texts import with_our_warnings
from program_text import PROGRAMS
from pyholdfast.toolchain.compiler import find_compiler
from pyholdfast.toolchain.flags import flags_for
from shared_parts import shared_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matrix import MatrixPython
    from program_text import Program
    from pyholdfast.toolchain.cache import HostStore
    from pyholdfast.toolchain.compiler import Compiler

__all__ = [
    "STRICT",
    "build_library",
    "build_program",
    "may_be_precompiled",
    "missing_needs",
    "second_compiler",
]

# Line tables only: enough for a stack, and a third off the compile time of full information.
STRICT = ("-g1", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror")


def second_compiler() -> Compiler:
    """clang++, if it is installed; else the machine's compiler."""
    named = {"CXX": "clang++"} if shutil.which("clang++") else {}
    return find_compiler({**os.environ, **named})


def build_program(
    program: Program,
    python: MatrixPython,
    sanitize: Sequence[str] = (),
    headers: Path | None = None,
    compiler: Compiler | None = None,
) -> Path:
    """The program, with its shared libraries in the same folder.

    Args:
        program: what to build.
        python: what it will contain.
        sanitize: options for compiling and linking all of it, the runtime's bodies too.
        headers: a changed copy of the include folder, to be used in its place. What is built from
            it lies in a folder ``built`` beside it, and goes with it.
        compiler: of all of it; default: the machine's.

    Raises:
        CompileError: if any of it does not compile or link.
    """
    compiler = compiler or find_compiler()
    # Only what the programs share is optimised by clang++: it takes a third of the time, and the
    # short run has shown the programs optimised.
    quickly = ["-O0"] if "clang" in compiler.name and not sanitize else []
    extra = (*program.flags, *sanitize, *quickly, *_needed(program))
    libraries = [
        build_library(source, python, extra, headers, compiler)
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
    own = [*_for_compiling(program.flags), f'-DTEST_LIBRARIES="{folders}"']
    objects: list[str] = []
    if may_be_precompiled(program) and not headers:
        options, runtime = shared_parts(compiler, options, python.build.include_dirs[0], quickly)
        objects.append(str(runtime))
    options += [*quickly, *own]
    store = _store(headers)
    objects.append(str(compile_object(compiler, program.source, options, store)))
    theirs = [*flags.cflags, "-w", *_needed(program)]
    objects += [str(compile_object(compiler, file, theirs)) for file in _needed_sources(program)]
    linking = [*objects, *linked, *(f"-Wl,-rpath,{folder}" for folder in beside)]
    linking += [*program.flags, *sanitize, *flags.ldflags, *flags.libs]
    inputs = [Path(file) for file in (*objects, *linked)]
    return link(compiler, linking, program.name, inputs, store)


def build_library(
    source: Path,
    python: MatrixPython,
    extra: Sequence[str] = (),
    headers: Path | None = None,
    compiler: Compiler | None = None,
) -> Path:
    """A shared library, or an extension module, with hidden visibility and without libpython.

    Raises:
        CompileError: if it does not compile or link.
    """
    options = [*_options(python, headers), "-fPIC", "-fvisibility=hidden"]
    options += _for_compiling(extra)
    compiler = compiler or find_compiler()
    store = _store(headers)
    compiled = compile_object(compiler, source, options, store)
    name = f"{source.stem}.so"
    linking = ["-shared", "-pthread", f"-Wl,-soname,{name}", *extra, str(compiled), "-ldl"]
    return link(compiler, linking, name, [compiled], store)


def may_be_precompiled(program: Program) -> bool:
    """Whether it is linked with the runtime's bodies; else it is built from the headers alone.

    Both ways are tested. From the headers alone are built: all shared libraries, programs that say
    so, or need another package's headers, or define a macro, and copies of the headers.
    """
    defines = any(not flag.startswith(("-Wl,", "-Wno-")) for flag in program.flags)
    return program.precompiled and not program.needs and not defines


def missing_needs(program: Program) -> str | None:
    """The first package that the program needs and this environment lacks."""
    for name in program.needs:
        try:
            importlib.import_module(name)
        except ImportError:
            return name
    return None


def _options(python: MatrixPython, headers: Path | None) -> list[str]:
    """The options for compiling this project's code."""
    flags = flags_for(python.build, optimise="-O1")
    if headers is None:
        return [*with_our_warnings(flags.cflags), *STRICT, f"-I{PROGRAMS}"]
    # First, so that the copy is found. An unused variable in it does no harm.
    return [f"-I{headers}", *flags.cflags, "-w", f"-I{PROGRAMS}"]


def _for_compiling(flags: Sequence[str]) -> list[str]:
    """Without those for the linker: clang++ warns of options that it does not use."""
    return [flag for flag in flags if not flag.startswith("-Wl,")]


def _needed(program: Program) -> list[str]:
    """The folders of the headers of the packages in ``needs``."""
    folders: list[str] = []
    for name in program.needs:
        if name == "pybind11":
            folders.append(importlib.import_module("pybind11").get_include())
        elif name == "nanobind":
            root = Path(importlib.import_module("nanobind").include_dir())
            folders += [str(root), str(root.parent / "ext" / "robin_map" / "include")]
    return [option for folder in folders for option in ("-isystem", folder)]


def _needed_sources(program: Program) -> list[Path]:
    """The sources of a package that must be compiled into the program."""
    if "nanobind" not in program.needs:
        return []
    root = Path(importlib.import_module("nanobind").include_dir())
    return [root.parent / "src" / "nb_combined.cpp"]


def _store(headers: Path | None = None) -> HostStore:
    return store_at(CACHE if headers is None else headers.parent)
