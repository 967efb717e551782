"""Write a C++ header with the functions and types of a Python module, from its type hints.

The module is read, never imported or run. What has no equal in C++ becomes holdfast::object and
is listed on stderr, with the line and the reason. The header is written only if its text changes.
Several modules go into one folder, or with one -o each.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.codegen.emit import Header, write_header
from holdfast.codegen.output import is_current, write_if_changed
from holdfast.commands.common import add_python_option
from holdfast.errors import HoldfastError, UsageError
from holdfast.finding import find_python
from holdfast.hints.read import read_module
from holdfast.paths import PACKAGE
from holdfast.toolchain.cache import cached_probe

if TYPE_CHECKING:
    import argparse

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "modules", type=Path, nargs="+", metavar="MODULE.py", help="the Python file to read"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        action="append",
        metavar="OUT.hpp",
        help="the header, or a folder; default: beside the module, with .hpp",
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; status 1 if a header is not up to date"
    )
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="the folder that is on sys.path, if a package in it has no __init__.py",
    )
    parser.add_argument("--quiet", action="store_true", help="do not list what has no equal in C++")
    parser.add_argument("--depfile", type=Path, metavar="FILE", help="write a make rule for CMake")
    add_python_option(parser)


def run(args: argparse.Namespace) -> int:
    """Read each module, and write or compare its header."""
    status = 0
    read: list[tuple[Path, Header]] = []
    for module, out in zip(args.modules, _outputs(args), strict=True):
        try:
            header = _header(module, args.root)
        except HoldfastError as error:
            newer = _newer_python(args) if error.code == "HF502" else None
            if newer is None:
                raise
            return _run_again(newer, args)
        status = max(status, _one(module, out, header, args))
        read.append((out, header))
    if args.depfile is not None and status == 0:
        write_if_changed(args.depfile, "".join(_rule(out, header.files) for out, header in read))
    return status


def _rule(out: Path, files: list[Path]) -> str:
    r"""What a header is made of, for make and ninja.

    >>> print(_rule(Path("my dir/a.hpp"), [Path("a.py"), Path("b.py")]), end="")
    my\ dir/a.hpp: a.py b.py
    """
    target, *sources = [
        re.sub(r"([\\ #])", r"\\\1", str(path)).replace("$", "$$") for path in (out, *files)
    ]
    return f"{target}: {' '.join(sources)}\n"


def _outputs(args: argparse.Namespace) -> list[Path]:
    """Where each header goes."""
    modules: list[Path] = args.modules
    given: list[Path] = args.output or []
    if not given:
        return [module.with_suffix(".hpp") for module in modules]
    if len(given) == 1 and (given[0].is_dir() or len(modules) > 1):
        return [given[0] / f"{_stem(module)}.hpp" for module in modules]
    if len(given) != len(modules):
        raise UsageError(
            "HF116",
            f"{len(modules)} modules, but {len(given)} times -o",
            "give one folder, or one header for each module in the same order",
        )
    return given


def _stem(module: Path) -> str:
    """A package's ``__init__.py`` is named by its folder."""
    return module.absolute().parent.name if module.stem == "__init__" else module.stem


def _header(module: Path, root: Path | None) -> Header:
    read = read_module(module, root=root.absolute() if root is not None else None)
    return write_header(read, module)


def _one(module: Path, out: Path, header: Header, args: argparse.Namespace) -> int:
    wrong = [problem for problem in header.problems if problem.code]
    for problem in wrong:
        where = f"{_shown(problem.file)}:{problem.line}: {problem.subject}"
        print(f"{problem.code} {where}: {problem.reason}", file=sys.stderr)
    if wrong:
        print(f"  do: correct the hint; see holdfast explain {wrong[0].code}", file=sys.stderr)
        return 1
    for problem in () if args.quiet else header.problems:
        hint = f" '{problem.text}'" if problem.text else ""
        where = f"{_shown(problem.file)}:{problem.line}: {problem.subject}"
        print(f"{where}{hint}: {problem.reason}; it is taken as an object", file=sys.stderr)
    if args.check:
        if is_current(out, header.text):
            return 0
        raise HoldfastError(
            "HF504",
            f"{out} does not say what {module} says now",
            f"holdfast bind {module} -o {out}",
        )
    write_if_changed(out, header.text)
    return 0


def _shown(file: str) -> str:
    """A path as short as it can be."""
    short = os.path.relpath(file)
    return short if len(short) < len(file) else file


def _newer_python(args: argparse.Namespace) -> Path | None:
    """The Python that was chosen, if it understands more than the one that runs this."""
    found = cached_probe(find_python(args.python).path)
    return found.executable if tuple(found.version[:2]) > sys.version_info[:2] else None


def _run_again(python: Path, args: argparse.Namespace) -> int:
    """The same command by another Python: parsers read the syntax of their own version."""
    words = ["bind", *args.modules, *(word for out in args.output or [] for word in ("-o", out))]
    words += ["--root", args.root] if args.root is not None else []
    words += ["--depfile", args.depfile] if args.depfile is not None else []
    words += [f"--{name}" for name in ("check", "quiet") if getattr(args, name)]
    environ = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    command = [str(python), "-m", "holdfast", *map(str, words), "--python", str(python)]
    return subprocess.run(command, check=False, env=environ).returncode
