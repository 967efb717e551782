"""Compiles one C source into a program that uses the C interface.

The program is compiled without the headers of any Python, and chooses one when it starts. What that
one needs, its backend, is made here: a start never compiles.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast import paths
from pyholdfast.errors import ToolchainError
from pyholdfast.outputs import cannot_write_output, demand_apart, write_output
from pyholdfast.toolchain.c_library import link_options, make_backend, make_library
from pyholdfast.toolchain.cache import HostStore, cache_folder
from pyholdfast.toolchain.compiler import (
    compile_object,
    find_c_compiler,
    find_compiler,
    run_compiler,
)
from pyholdfast.toolchain.flags import modules_option

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyholdfast.toolchain.compiler import Compiler
    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["cached_c_host", "compile_c_host", "is_c"]


def is_c(source: Path) -> bool:
    """Whether a host is written in C, by its name."""
    return source.suffix == ".c"


def compile_c_host(
    source: Path,
    out: Path,
    build: PythonBuild,
    *,
    standard: str | None,
    optimise: str,
    extra: Sequence[str] = (),
) -> None:
    """Compile `source` into `out`, which contains libholdfast, and make the Python's backend.

    Raises:
        ToolchainError: as `make_library` and `make_backend`; HF109 the source does not compile,
            HF110 it does not link.
        UsageError: HF112 if `out` cannot be written, HF118 if it is the source.
    """
    demand_apart([out], [source])
    make_backend(build, find_compiler())
    library = make_library(find_compiler())
    compiler = find_c_compiler()
    with tempfile.TemporaryDirectory(prefix="holdfast-") as folder:
        linked = Path(folder, f"host{compiler.program_suffix}")
        linking = link_options(library, static=True)
        # The library in it is C++, so the C++ compiler links it
        own = [modules_option(source), *_contained(compiler)]
        options = _options(standard, optimise, [*own, *extra])
        _compile((compiler, find_compiler()), source, linked, options, linking)
        try:
            write_output(out, linked.read_bytes(), mode=0o777)
        except OSError as error:
            raise cannot_write_output(out, error) from error


def cached_c_host(
    source: Path,
    build: PythonBuild,
    compiler: Compiler | None = None,
    *,
    standard: str | None,
    optimise: str,
    extra: Sequence[str] = (),
    linking: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
) -> Path:
    """The program, compiled only if an input has changed; the Python's backend is made, too.

    Args:
        source: the program.
        build: the Python that gets a backend.
        compiler: for the program; default: a C compiler.
        standard: of the language.
        optimise: e.g. ``-O2``.
        extra: further options of the compiler.
        linking: further options of the linker.
        environ: environment variables that locate the cache.

    Raises:
        ToolchainError: as `compile_c_host`.
    """
    make_backend(build, find_compiler(), environ=environ)
    library = make_library(find_compiler(), environ=environ)
    compiler = compiler or find_c_compiler()
    # Windows would not find the DLL in the cache
    static = compiler.for_windows
    options = _options(standard, optimise, [modules_option(source), *_contained(compiler), *extra])
    linking = [*link_options(library, static=static), *linking]
    facts = [str(source.absolute()), compiler.identity(), paths.version(), *options, *linking]
    recipe = json.dumps(facts)
    store = HostStore(cache_folder(environ) / "hosts")
    name = source.stem + compiler.program_suffix
    if found := store.find(recipe, name):
        return found
    with store.workplace() as folder:
        out = folder / name
        begun_ns = time.time_ns()
        linker = find_compiler() if static else compiler
        files = _compile((compiler, linker), source, out, options, linking)
        return store.add(recipe, name, out, files, begun_ns=begun_ns)


def _options(standard: str | None, optimise: str, extra: Sequence[str]) -> list[str]:
    chosen = [] if standard is None else [f"-std={standard}"]
    return [*chosen, optimise, "-pthread", "-isystem", str(paths.include_dir()), *extra]


def _contained(compiler: Compiler) -> tuple[str, ...]:
    """On Windows, functions of a DLL are declared as such; these are in the program."""
    return ("-DHF_STATIC",) if compiler.for_windows else ()


def _compile(
    compilers: tuple[Compiler, Compiler],
    source: Path,
    out: Path,
    compiling: Sequence[str],
    linking: Sequence[str],
) -> list[Path]:
    """Compile with the first compiler, link with the second; the error says which one failed.

    Returns:
        the files that the compiler read.
    """
    object_file = out.with_name("host.o")
    files = compile_object(
        compilers[0],
        compiling,
        source.absolute(),
        object_file,
        ToolchainError("HF109", f"{source.name} does not compile", "fix the first error above"),
    )
    run_compiler(
        compilers[1],
        [str(object_file), *linking, "-o", str(out)],
        ToolchainError(
            "HF110",
            f"{source.name} does not link",
            "read the first 'undefined reference' above; for several source files or other"
            " libraries use CMake's holdfast::c or pkg-config's holdfast-c",
        ),
    )
    return [source, *files]
