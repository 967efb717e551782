"""Write a C++ or C header with the functions and types of a Python module, from its type hints.

Reads the module without importing or running it. A hint without an equivalent becomes
holdfast::object, in C hf_value, and is listed on stderr, with the line and the reason. The header is written only
if its text changes. For several modules, name one folder, or one -o for each.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.codegen.output import is_current, write_if_changed
from pyholdfast.commands.binding import header_of, report, run_with
from pyholdfast.commands.common import add_python_option, chosen_python
from pyholdfast.errors import HoldfastError, UsageError
from pyholdfast.find_python import NAMING
from pyholdfast.outputs import demand_apart

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "modules", type=Path, nargs="+", metavar="MODULE.py", help="Python files to read"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        action="append",
        metavar="OUT.hpp",
        help="the header, or a folder; default: beside the module, with the suffix .hpp, for C .h",
    )
    parser.add_argument(
        "--language", choices=("c++", "c"), default="c++", help="of the header; default: c++"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit status 1 if a header is stale"
    )
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="the folder that is on sys.path, if a package in it has no __init__.py",
    )
    parser.add_argument("--quiet", action="store_true", help="list no hints without equivalent")
    parser.add_argument(
        "--depfile", type=Path, metavar="FILE", help="also write a make rule that lists all inputs"
    )
    parser.add_argument(
        "--depfile-target", metavar="TARGET", help="the target of that rule; default: the header"
    )
    add_python_option(parser)


def run(args: argparse.Namespace) -> int:
    """Read each module, and write or compare its header."""
    for module in args.modules:
        _demand_file(module)
    outs = _outputs(args)
    written = [*outs, *([args.depfile] if args.depfile is not None else [])]
    demand_apart(written, args.modules)
    is_named = args.python is not None or any(os.environ.get(name) for name in NAMING)
    version = chosen_python(args).version if is_named else None
    try:
        headers = [header_of(module, args.root, args.language, version) for module in args.modules]
    except HoldfastError as error:
        other = run_with(chosen_python(args), _words(args)) if error.code == "HF502" else None
        if other is None:
            raise
        return other
    demand_apart(written, {file for header in headers for file in header.files})
    status = 0
    rules = []
    for module, out, header in zip(args.modules, outs, headers, strict=True):
        rules.append(_rule(args.depfile_target or str(out), header.files))
        if not report(header, quiet=args.quiet):
            status = 1
        elif not args.check:
            write_if_changed(out, header.text)
        elif not is_current(out, header.text):
            raise HoldfastError(
                "HF504",
                f"{out} is out of date: it does not match {module}",
                shlex.join(_again(args, module, out)),
            )
    if args.depfile is not None and status == 0:
        write_if_changed(args.depfile, "".join(rules))
    return status


def _demand_file(module: Path) -> None:
    if module.is_dir():
        inside = module / "__init__.py"
        raise UsageError(
            "HF501",
            f"cannot read '{module}': it is a folder",
            f"name a file: {inside}" if inside.is_file() else "name the Python files in it",
        )


def _rule(target: str, files: Sequence[Path]) -> str:
    r"""A rule for make and ninja: the header depends on these files.

    >>> print(_rule("my dir/a.hpp", [Path("a.py"), Path("b.py")]), end="")
    my\ dir/a.hpp: a.py b.py
    """
    words = [
        re.sub(r"([\\ #])", r"\\\1", str(path)).replace("$", "$$") for path in (target, *files)
    ]
    return f"{words[0]}: {' '.join(words[1:])}\n"


def _outputs(args: argparse.Namespace) -> list[Path]:
    """The path of each header."""
    modules: list[Path] = args.modules
    given: list[Path] = args.output or []
    suffix = ".h" if args.language == "c" else ".hpp"
    if not given:
        return [module.with_suffix(suffix) for module in modules]
    if len(given) == 1 and (given[0].is_dir() or len(modules) > 1):
        return [given[0] / f"{_stem(module)}{suffix}" for module in modules]
    if len(given) != len(modules):
        raise UsageError(
            "HF116",
            f"{len(modules)} modules, but {len(given)} times -o",
            "give one folder, or one header for each module in the same order",
        )
    return given


def _stem(module: Path) -> str:
    """The module's name; for a package's ``__init__.py``, the name of its folder."""
    return module.absolute().parent.name if module.stem == "__init__" else module.stem


def _again(args: argparse.Namespace, module: Path, out: Path) -> list[str]:
    """The command that writes one header as it was asked for."""
    words = ["holdfast", "bind", str(module), "-o", str(out)]
    words += ["--language", args.language] if args.language != "c++" else []
    words += ["--root", str(args.root)] if args.root is not None else []
    return [*words, *(["--python", str(args.python)] if args.python is not None else [])]


def _words(args: argparse.Namespace) -> list[object]:
    """The command line, to pass it to another Python."""
    words: list[object] = [*args.modules]
    words += [word for out in args.output or [] for word in ("-o", out)]
    words += ["--language", args.language]
    words += ["--root", args.root] if args.root is not None else []
    words += ["--depfile", args.depfile] if args.depfile is not None else []
    words += ["--depfile-target", args.depfile_target] if args.depfile_target else []
    return [*words, *(f"--{name}" for name in ("check", "quiet") if getattr(args, name))]
