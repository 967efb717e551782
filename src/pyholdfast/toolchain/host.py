"""Compiles a host of either language: the name of its source tells which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyholdfast.toolchain.c_host import cached_c_host, compile_c_host, is_c
from pyholdfast.toolchain.c_library import backends_folder
from pyholdfast.toolchain.compile import cached_host, compile_host
from pyholdfast.toolchain.compiler import find_compiler

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["CXX_STANDARD", "cached_program", "compile_program"]

CXX_STANDARD = "c++17"
"""The standard of C++ hosts if none is chosen: the oldest that holdfast supports."""


def compile_program(
    source: Path,
    out: Path,
    build: PythonBuild,
    *,
    standard: str | None,
    optimise: str,
    extra: Sequence[str] = (),
) -> None:
    """Compile `source` into `out` for `build`.

    Args:
        source: C if its name ends in ``.c``, otherwise C++.
        out: the program.
        build: the Python that it embeds, or for C the one whose backend is made.
        standard: of its language; None for `CXX_STANDARD`, in C for the compiler's own.
        optimise: the compiler's option.
        extra: further options.

    Raises:
        ToolchainError: as `compile_host` and `compile_c_host`.
        UsageError: as they do.
    """
    if is_c(source):
        compile_c_host(source, out, build, standard=standard, optimise=optimise, extra=extra)
        return
    compile_host(
        source,
        out,
        build,
        find_compiler(),
        standard=standard or CXX_STANDARD,
        optimise=optimise,
        extra=extra,
    )


def cached_program(
    source: Path,
    build: PythonBuild,
    *,
    standard: str | None,
    optimise: str,
    extra: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
) -> tuple[Path, dict[str, str]]:
    """The program, compiled only if an input has changed, and variables that it needs.

    Args:
        source: as for `compile_program`, like those that follow.
        build: the Python.
        standard: of its language.
        optimise: the compiler's option.
        extra: further options.
        environ: names the cache; None for this process's.

    Raises:
        ToolchainError: as `cached_host` and `cached_c_host`.
    """
    if is_c(source):
        host = cached_c_host(
            source, build, standard=standard, optimise=optimise, extra=extra, environ=environ
        )
        return host, {"HOLDFAST_BACKENDS": str(backends_folder(environ))}
    host = cached_host(
        source,
        build,
        find_compiler(),
        standard=standard or CXX_STANDARD,
        optimise=optimise,
        extra=extra,
        environ=environ,
    )
    return host, {}
