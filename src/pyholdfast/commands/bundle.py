"""Make a folder with a program, its Python, and everything else that it needs.

The folder DIST can be moved and copied, and runs on machines without any Python, if their C library
is the same or newer. HOST.cpp and HOST.c are compiled first; BINARY is a program that was built for
the Python. The modules beside HOST that it names are included.

A BINARY for Windows gets a Python for Windows: on Windows that of the environment, elsewhere --python
FOLDER/python.exe, which is not run.

holdfast doctor DIST checks that the files are those that were bundled.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyholdfast.bundle.assemble import TAKEN, make_bundle
from pyholdfast.bundle.contents import Contents
from pyholdfast.bundle.own_modules import modules_used, others_beside
from pyholdfast.bundle.place import demand_place
from pyholdfast.bundle.windows import is_taken, make_windows_bundle, windows_python
from pyholdfast.commands.binding import bind_beside
from pyholdfast.commands.common import add_build_options, chosen_python, demand_source
from pyholdfast.errors import ToolchainError, UsageError
from pyholdfast.find_python import find_python
from pyholdfast.toolchain.elf import is_elf
from pyholdfast.toolchain.host import compile_program
from pyholdfast.toolchain.pe import is_pe

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["add_arguments", "run"]

MEGABYTE = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_build_options(parser)
    for action in parser._actions:  # noqa: SLF001
        if action.dest == "source":
            action.metavar = "HOST.cpp|HOST.c|BINARY"
            action.help = "a source file, or a program that is built already"
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIST",
        help="the folder to make; a bundle that is there is replaced",
    )  # fmt: skip
    parser.add_argument(
        "-r", "--requirement", type=Path, action="append", default=[], metavar="FILE",
        help="install the packages of a requirements file into it, by pip",
    )  # fmt: skip
    parser.add_argument(
        "--package", nargs="+", action="extend", default=[], metavar="NAME",
        help="copy packages that the Python has, with all that they require; others come by pip",
    )  # fmt: skip
    parser.add_argument(
        "--module", nargs="+", action="extend", default=[], type=Path, metavar="PATH",
        help="copy modules (.py, .so) and folders of packages",
    )  # fmt: skip
    parser.add_argument(
        "--source", action="append", default=[], type=Path, dest="sources", metavar="FILE",
        help="a source of BINARY: modules beside it that it names are copied",
    )  # fmt: skip
    parser.add_argument(
        "--name", metavar="NAME", help="the program's name in it; default: that of HOST or BINARY"
    )
    parser.add_argument(
        "--without-sources", action="store_true",
        help="keep only the compiled form of Python files: smaller, tracebacks show no source lines",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Compile if necessary, make the folder, and say what is and is not in it."""
    source: Path = args.source
    for file in (source, *args.sources):
        demand_source(file)
    for file in args.requirement:
        if not file.is_file():
            raise UsageError(
                "HF123", f"there is no requirements file '{file}'", "name one that exists"
            )
    is_for_windows = is_pe(source)
    is_built = is_for_windows or is_elf(source)
    name = args.name or (source.name if is_built else source.stem)
    if Path(name).name != name:
        raise UsageError("HF116", f"--name: '{name}' is not a file name", "leave out the folder")
    if is_for_windows and not name.lower().endswith(".exe"):
        name += ".exe"
    taken = is_taken(name) if is_for_windows else name in TAKEN
    demand_place(args.output, name, is_taken=taken)
    sources = [*args.sources] if is_built else [source, *args.sources]
    modules = modules_used(sources, args.module)
    contents = Contents(
        packages=args.package,
        requirements=args.requirement,
        modules=modules,
        with_sources=not args.without_sources,
    )
    if is_for_windows:
        build = windows_python(_python_for_windows(args))
        manifest = make_windows_bundle(args.output, name, source, build, contents, os.environ)
    else:
        _demand_linux()
        manifest = make_bundle(
            args.output,
            name,
            build := chosen_python(args),
            lambda out: _write_program(args, build, out),
            contents,
            os.environ,
            origin=source.absolute() if is_built else None,
        )
    _report(args.output, manifest, others_beside(sources, modules))
    if not sources and not modules:
        print(
            f"  modules of {source.name}: add --source FILE to include those that its source names"
        )
    return 0


def _python_for_windows(args: argparse.Namespace) -> Path:
    """On another system it must be named."""
    if args.python is None and sys.platform != "win32":
        raise UsageError(
            "HF120",
            f"'{args.source.name}' is for Windows, and the Python for it is not named",
            "name its interpreter: --python FOLDER/python.exe",
        )
    return find_python(args.python, start=args.source.absolute().parent).path


def _demand_linux() -> None:
    if not sys.platform.startswith("linux"):
        raise ToolchainError(
            "HF120",
            f"no bundle can be made: the system is {sys.platform}, and this is not a program for Windows",
            "on Windows, build the program and name the .exe; otherwise run holdfast bundle on Linux",
        )


def _write_program(args: argparse.Namespace, build: PythonBuild, out: Path) -> None:
    source: Path = args.source
    if is_elf(source):
        shutil.copyfile(source, out)
    else:
        compile_program(
            source,
            out,
            build,
            standard=args.std,
            optimise=args.optimise,
            extra=bind_beside(source, build),
        )


def _report(place: Path, manifest: Mapping[str, Any], unused: list[Path]) -> None:
    size = sum(entry["size"] for entry in manifest["files"].values())
    glibc = manifest.get("needs_glibc")
    facts = [
        f"{size / MEGABYTE:.1f} MB",
        f"Python {manifest['python']}",
        f"for {manifest.get('system', 'Linux')} {manifest['machine']}"
        + (f" with glibc {glibc} or newer" if glibc else ""),
    ]
    print(f"{place / manifest['program']}: {', '.join(facts)}")
    if manifest["packages"]:
        names = (f"{row['name']} {row['version']}" for row in manifest["packages"])
        print(f"packages: {', '.join(names)}")
    print("not bundled:")
    for row in manifest["left_out"]:
        print(f"  {row['what']}: {row['why']}")
    for path in unused:
        print(f"  {path.name}, which is beside the source: add --module {path} if it is needed")
