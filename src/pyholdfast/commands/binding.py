"""Shared by `bind`, `run` and `build`: reading a module and writing its header."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.codegen.c_header import write_c_header
from pyholdfast.codegen.companion_modules import modules_beside
from pyholdfast.codegen.emit import Header, write_header
from pyholdfast.codegen.output import is_current, keep_in_cache
from pyholdfast.errors import HoldfastError
from pyholdfast.hints.read import read_module
from pyholdfast.paths import PACKAGE
from pyholdfast.process_end import own_status
from pyholdfast.toolchain.cache import cache_folder, cannot_write
from pyholdfast.toolchain.cache_folders import make_private
from pyholdfast.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["bind_beside", "header_of", "report", "run_with"]

# With -m, Python would import modules of the current folder, which may be anyone's.
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from pyholdfast.cli import main; sys.exit(main())"


def header_of(
    module: Path,
    root: Path | None,
    language: str = "c++",
    version: tuple[int, ...] | None = None,
) -> Header:
    """The header for a module, in C++ or C, as that version of Python reads it.

    Raises:
        HoldfastError: HF501, HF502, HF505, HF516.
    """
    try:
        read = read_module(module, root=root.absolute() if root else None, version=version)
        return write_c_header(read, module) if language == "c" else write_header(read, module)
    except RecursionError as error:
        raise HoldfastError(
            "HF516",
            f"{module}: an expression is nested too deeply",
            "give its inner part a name, and use that name",
        ) from error


def report(header: Header, *, quiet: bool) -> bool:
    """Print problems and hints without a C++ equivalent to stderr; return True if none is wrong."""
    wrong = [problem for problem in header.problems if problem.code]
    for problem in wrong:
        where = f"{_shown(problem.file)}:{problem.line}: {problem.subject}"
        _say(f"{problem.code} {where}: {problem.reason}")
    if wrong:
        what = "rename one of the classes" if wrong[0].code == "HF517" else "correct the hint"
        print(f"  do: {what}; see holdfast explain {wrong[0].code}", file=sys.stderr)
        return False
    for problem in () if quiet else header.problems:
        hint = f" '{problem.text}'" if problem.text else ""
        where = f"{_shown(problem.file)}:{problem.line}: {problem.subject}"
        fate = "it is left out" if problem.left_out else f"it is taken as {header.fallback}"
        _say(f"{where}{hint}: {problem.reason}; {fate}")
    if header.problems and not quiet:
        as_what = header.fallback.split()[1]
        _say(f"{header.typed} of {header.hints} typed, {header.hints - header.typed} as {as_what}")
    return True


def _say(line: str) -> None:
    print(visible(line), file=sys.stderr)


def run_with(build: PythonBuild, words: Sequence[object]) -> int | None:
    """Run `holdfast bind` with another Python if it is newer, because it parses newer syntax.

    Returns:
        The exit status; None if the other Python is not newer.
    """
    if build.version[:2] <= sys.version_info[:2]:
        return None
    command = [str(build.executable), "-I", "-c", START, str(PACKAGE.parent), "bind"]
    return own_status(subprocess.run([*command, *map(str, words)], check=False).returncode)


def bind_beside(
    source: Path, build: PythonBuild, environ: Mapping[str, str] | None = None
) -> list[str]:
    """Write headers for the modules that a host includes; return the compiler's include options.

    The headers are in the cache. A header is rewritten only when its text changes, so that the
    cached host stays valid.

    Args:
        source: the host.
        build: the Python to compile it for.
        environ: variables that locate the cache; default: those of this process.

    Raises:
        HoldfastError: HF501 to HF505, or HF112 if the cache cannot be written.
    """
    modules = modules_beside(source)
    if not modules:
        return []
    root = source.absolute().parent
    digest = hashlib.sha256(str(root).encode(errors="surrogateescape")).hexdigest()[:24]
    folder = cache_folder(environ) / "bound" / digest
    for name, module in modules.items():
        _write_into_cache(folder / name, module, root, build)
    return [f"-I{folder}"]


def _write_into_cache(out: Path, module: Path, root: Path, build: PythonBuild) -> None:
    language = "c" if out.suffix == ".h" else "c++"
    try:
        make_private(out.parent)
    except OSError as error:
        raise cannot_write(out, error) from error
    try:
        header = header_of(module, root, language, build.version)
    except HoldfastError as error:
        if error.code != "HF502":
            raise
        if not os.access(out.parent, os.W_OK):
            raise cannot_write(out, OSError(0, "its folder is read-only")) from None
        status = run_with(build, [module, "--language", language, "-o", out, "--root", root])
        if status is None:
            raise
        if status != 0:
            raise SystemExit(status) from None
        return
    # Report once for each text, not on every run of an unchanged host.
    if not report(header, quiet=is_current(out, header.text)):
        raise SystemExit(1)
    keep_in_cache(out, header.text)


def _shown(file: str) -> str:
    """The shortest form of a path."""
    short = os.path.relpath(file)
    return short if len(short) < len(file) else file
