"""Start a project in C++ or C: CMake or Meson, a host with four threads, a Python module, a test.

It builds offline. DIR is created; its last part becomes the name of the program. With --python, the
project always uses that interpreter; without it, you choose one when you build.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import tempfile
from pathlib import Path, PurePosixPath
from string import Template
from typing import TYPE_CHECKING

from pyholdfast.commands.common import add_python_option
from pyholdfast.errors import UsageError
from pyholdfast.find_python import find_python
from pyholdfast.outputs import cannot_write_output
from pyholdfast.visible import visible_lines

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

__all__ = ["add_arguments", "project_files", "run"]

# Template files have their final names plus .in, so that linters and git do not treat them as
# part of this project.
TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
# What a project has besides the files of "project": those of its language, of its build system, and
# of both.
LANGUAGES = {"c++": "project_cpp", "c": "project_c"}
BUILD_SYSTEMS = ("cmake", "meson")
RENAMED = {"gitignore": ".gitignore"}
ASK_FOR_PYTHON = "run_command(holdfast, 'config', '--python', check: true).stdout().strip()"

# Names that CMake, its generators and CTest reserve for their own targets (policy CMP0037).
RESERVED = frozenset(
    {
        *("all", "all_build", "clean", "edit_cache", "help", "install", "list_install_components"),
        *("package", "package_source", "preinstall", "rebuild_cache", "run_tests", "test"),
        *("zero_check", "continuous", "experimental", "nightly", "cmakefiles", "testing"),
    }
)
VALID_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="the project's folder")
    parser.add_argument(
        "--language", choices=LANGUAGES, default="c++", help="of the program; c++ if left out"
    )
    parser.add_argument(
        "--with", dest="build_system", choices=BUILD_SYSTEMS, default="cmake",
        help="what builds it; cmake if left out",
    )  # fmt: skip
    add_python_option(parser)


def run(args: argparse.Namespace) -> int:
    """Write the project and say what to do next."""
    folder = Path(os.path.realpath(args.folder))
    python = find_python(args.python).path if args.python is not None else None
    _check_name(folder.name)
    _check_place(folder)
    _write_whole(folder, project_files(folder.name, python, args.language, args.build_system))
    print(visible_lines(_next_steps(args, folder.name, _option(python))))
    return 0


def project_files(
    name: str, python: Path | None, language: str = "c++", build_system: str = "cmake"
) -> Mapping[PurePosixPath, str]:
    """The text of each file of a project, by its path inside the project.

    Args:
        name: of the project, its CMake target and its program.
        python: the interpreter that the project always uses; None to leave the choice to the
            person who builds it.
        language: one of LANGUAGES.
        build_system: one of BUILD_SYSTEMS.
    """
    cached = f',\n        "Python_EXECUTABLE": {json.dumps(str(python))}' if python else ""
    values = {
        "name": name,
        "preset_python": cached,
        "python_option": _option(python),
        "meson_python": _meson_text(str(python)) if python else ASK_FOR_PYTHON,
        "meson_backend": f", '--python', {_meson_text(str(python))}" if python else "",
    }
    own = LANGUAGES[language]
    folders = ("project", own, f"project_{build_system}", f"{own}_{build_system}")
    files = {}
    for folder in [TEMPLATES / name for name in folders]:
        for source in sorted(folder.rglob("*.in")):
            path = PurePosixPath(source.relative_to(folder).as_posix()).with_suffix("")
            target = path.with_name(RENAMED.get(path.name, path.name))
            files[target] = Template(source.read_text(encoding="utf-8")).substitute(values)
    return files


def _meson_text(text: str) -> str:
    r"""A string of Meson's.

    >>> print(_meson_text("/it's/here"))
    '/it\'s/here'
    """
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _option(python: Path | None) -> str:
    return f" --python {shlex.quote(str(python))}" if python else ""


def _check_name(name: str) -> None:
    """Check that the folder's name can be the name of a CMake target and a program."""
    if VALID_NAME.fullmatch(name) and name.lower() not in RESERVED:
        return
    reason = "CMake keeps it for itself" if name.lower() in RESERVED else "not a name for a program"
    raise UsageError(
        "HF186",
        f"'{name}' cannot be the name of a project: {reason}",
        "use letters, digits, '_', '-', '+' and '.', beginning with a letter or digit, e.g. hello",
    )


def _check_place(folder: Path) -> None:
    """Refuse to change anything that exists."""
    if folder.exists():
        if folder.is_dir() and not any(folder.iterdir()):
            return
        what = "is not empty" if folder.is_dir() else "exists and is not a folder"
        raise UsageError("HF185", f"'{folder}' {what}", "name a folder that does not exist yet")
    if not folder.parent.is_dir():
        raise UsageError(
            "HF187",
            f"cannot make '{folder}': there is no folder '{folder.parent}'",
            shlex.join(["mkdir", "-p", str(folder.parent)]),
        )


def _write_whole(folder: Path, files: Mapping[PurePosixPath, str]) -> None:
    """Write beside the final path, then rename, so that a project is never half-written.

    Raises:
        HoldfastError: HF187 if it cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as beside:
            # A subfolder, because the temporary folder itself is not accessible to other users.
            project = Path(beside, folder.name)
            for path, text in files.items():
                target = project / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8", newline="\n")
            _move(project, folder)
    except OSError as problem:
        raise cannot_write_output(
            folder,
            problem,
            code="HF187",
            verb="make",
            remedy="choose a folder that you may write to",
        ) from problem


def _move(project: Path, folder: Path) -> None:
    """Move entry by entry into an existing empty folder: it may be a shell's current folder."""
    if not folder.exists():
        project.rename(folder)
        return
    moved: list[Path] = []
    try:
        for entry in sorted(project.iterdir()):
            entry.rename(folder / entry.name)
            moved.append(folder / entry.name)
    except OSError:
        for entry in moved:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        raise


def _next_steps(args: argparse.Namespace, name: str, python_option: str) -> str:
    in_c = args.language == "c"
    source = "src/main.c" if in_c else "src/main.cpp"
    build, test = (
        "cmake --preset default && cmake --build --preset default",
        "ctest --preset default",
    )
    if args.build_system == "meson":
        option = ' --pkg-config-path="$(holdfast config --pkgconfig-dir)"' if in_c else ""
        build, test = f"meson setup build{option} && meson compile -C build", "meson test -C build"
    rows = [
        (f"cd {shlex.quote(str(args.folder))}", ""),
        (f"holdfast run{python_option} {source}", "compile and run it"),
        (build, f"or build it with {'Meson' if args.build_system == 'meson' else 'CMake'}"),
        (test, "and test it"),
    ]
    if not in_c:  # a C program is linked with no Python
        rows.append((f"holdfast doctor build/{name}", "is the program built right?"))
    width = max(len(command) for command, _ in rows) + 2
    lines = [f"  {command:<{width}}{why and '# ' + why}".rstrip() for command, why in rows]
    return "\n".join([f"made {args.folder}; next:", *lines])
