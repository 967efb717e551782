"""Builds the contenders for one Python; names the reason if one cannot take part."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast_bench import pyo3
from holdfast_bench.contenders import Compilation, Contender, Missing, Program
from pyholdfast import paths
from pyholdfast.codegen.emit import write_header
from pyholdfast.codegen.output import keep_in_cache
from pyholdfast.errors import HoldfastError
from pyholdfast.hints.read import read_module
from pyholdfast.toolchain.c_host import cached_c_host
from pyholdfast.toolchain.cache import cache_folder
from pyholdfast.toolchain.compile import cached_host
from pyholdfast.toolchain.compiler import find_c_compiler
from pyholdfast.toolchain.flags import flags_for

if TYPE_CHECKING:
    from pyholdfast.toolchain.compiler import Compiler
    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["PROGRAMS", "build_contender", "clean_environment"]

PROGRAMS = Path(__file__).resolve().parent.parent / "programs"

HEADERS_OF = {
    "pybind11": "import pybind11 as p; print(json.dumps([p.get_include()]))",
    "nanobind": "import nanobind as n; print(json.dumps([n.include_dir(), n.source_dir(),"
    " os.path.join(os.path.dirname(n.source_dir()), 'ext', 'robin_map', 'include')]))",
}


def build_contender(name: str, build: PythonBuild, compiler: Compiler) -> Contender | Missing:
    """Build one contender, unless that was done before.

    Args:
        name: ``pyo3``, or what precedes ``_side.cpp`` among the programs, ``c`` for the C interface; or
            ``compiler``, with ``_bound`` for a header from type hints, ``_pybind11`` for that
            package's, ``_c`` for a C compiler.
        build: the Python to measure on.
        compiler: for the C++ programs.

    Raises:
        ToolchainError: HF105 or HF106 if nothing can be built for this Python.
    """
    if name == "compiler_c":
        command = [*find_c_compiler().command, "-O2", "-isystem", str(paths.include_dir())]
        return Compilation(command, PROGRAMS, ".c")
    flags = flags_for(build)  # what is missing here is missing for everybody
    if name.startswith("compiler"):
        words = [word for option in flags.cflags for word in compiler.adapted(option)]
        found = _folders_for(name, build)
        if isinstance(found, Missing):
            return found
        return Compilation([*compiler.command, *words, *found], PROGRAMS)
    if name == "pyo3":
        return pyo3.build(build, PROGRAMS / "pyo3", clean_environment(build))
    options: tuple[str, ...] = ("-DNDEBUG",)
    if name in HEADERS_OF:
        folders = _headers_of(name, build)
        if folders is None:
            return Missing(f"{name} is not installed: pip install {name}")
        # As its own build does: the core reads its words by types they do not have.
        options += ("-fno-strict-aliasing", "-fvisibility=hidden") if name == "nanobind" else ()
        options += tuple(word for folder in folders for word in ("-isystem", folder))
    try:
        if name == "c":
            # A Python that needs its own C library can only run in a process that has it.
            with_its_loader = flags_for(build).ldflags if build.loader is not None else ()
            program = cached_c_host(
                PROGRAMS / "c_side.cpp", build, compiler,
                standard="c++17", optimise="-O2", linking=with_its_loader,
            )  # fmt: skip
            return Program(program, clean_environment(build), shows_version=False)
        program = cached_host(PROGRAMS / f"{name}_side.cpp", build, compiler, extra=options)
    except HoldfastError as error:
        return Missing(f"{error.code} {error.problem}", failed=True)
    return Program(program, clean_environment(build), shows_version=not name.startswith("cpython"))


def _folders_for(compiler: str, build: PythonBuild) -> list[str] | Missing:
    """Further options of a compilation: where its headers are."""
    if compiler == "compiler_pybind11":
        folders = _headers_of("pybind11", build)
        if folders is None:
            return Missing("pybind11 is not installed: pip install pybind11")
        return [word for folder in folders for word in ("-isystem", folder)]
    if compiler == "compiler_bound":
        module = PROGRAMS / "typed_module.py"
        folder = cache_folder() / "bench"
        header = write_header(read_module(module, root=module.parent), module)
        keep_in_cache(folder / "typed_module.hpp", header.text)
        return [f"-I{folder}"]
    return []


def clean_environment(build: PythonBuild) -> dict[str, str]:
    """The environment without variables that would change Python, except those that choose it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "HOLDFAST_"))
        and name not in ("VIRTUAL_ENV", "LD_PRELOAD")
    }
    return {**kept, "HOLDFAST_PYTHON": str(build.executable)}


def _headers_of(name: str, build: PythonBuild) -> list[str] | None:
    """The folders of a package of headers; None if no Python at hand has it.

    The headers are the same for every Python, so those of another one will do.
    """
    this = Path(sys.executable), dict(os.environ)
    for python, environ in ((build.executable, clean_environment(build)), this):
        done = subprocess.run(
            [str(python), "-c", f"import json, os; {HEADERS_OF[name]}"],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode == 0:
            folders: list[str] = json.loads(done.stdout)
            return folders
    return None
