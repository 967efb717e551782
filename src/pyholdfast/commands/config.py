"""Print what another build system needs to compile and link a host.

Each option prints one line, in the order given, to be used in a shell:

  eval "c++ $(holdfast config --cflags) host.cpp $(holdfast config --ldflags) -o host"

With --c, the options are those of C programs, which need no Python to be compiled:

  eval "cc $(holdfast config --c --cflags) host.c $(holdfast config --c --libs) -o host"

Options that contain a blank are quoted, as eval expects; if none does, $(...) alone is enough.
On Windows, paths have slashes, and quotes are double, for cmd and for the shell of MSYS2.
Without options, everything is printed with its name. The option names of `python -m pybind11` and
`python -m nanobind` also work.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
from typing import TYPE_CHECKING

from pyholdfast import paths
from pyholdfast.errors import ToolchainError
from pyholdfast.find_python import WINDOWS, find_python
from pyholdfast.toolchain.c_library import link_options, make_library, pkgconfig_folder
from pyholdfast.toolchain.cache import cached_probe, in_cache
from pyholdfast.toolchain.compiler import find_compiler
from pyholdfast.toolchain.flags import Flags, flags_for, include_flags, own_configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["add_arguments", "run", "shell_line"]


def shell_line(words: Sequence[str]) -> str:
    """The words as a shell reads them. Those of Windows and of MSYS2 know double quotes and slashes."""
    if WINDOWS:
        return subprocess.list2cmdline([word.replace("\\", "/") for word in words])
    return shlex.join(words)


class _Answers:
    """Answers, computed when needed: the package's own folders do not require a Python."""

    def __init__(self, python: str | None, *, for_c: bool = False) -> None:
        self._python = python
        self.for_c = for_c
        self.is_listing = False
        self._build: PythonBuild | None = None

    @property
    def build(self) -> PythonBuild:
        if self._build is None:
            self._build = cached_probe(find_python(self._python).path)
        return self._build

    @property
    def flags(self) -> Flags:
        return flags_for(self.build)

    @property
    def c_library(self) -> Path:
        """The folder of libholdfast, which is built the first time."""
        return in_cache("holdfast config", lambda e: make_library(find_compiler(), environ=e))

    @property
    def pkgconfig(self) -> Path:
        """The folder of the .pc files; without a compiler, the package's, which has no library."""
        if self.is_listing and not self.for_c:  # of everything, which builds nothing
            return paths.pkgconfig_dir()
        try:
            return in_cache(
                "holdfast config", lambda e: pkgconfig_folder(find_compiler(), environ=e)
            )
        except ToolchainError:
            if self.for_c:
                raise
            return paths.pkgconfig_dir()

    @property
    def cmake_script(self) -> str:
        """The settings for holdfastPython.cmake, the only file that asks for them."""
        library = self.build.library
        # With slashes on Windows, too: a backslash would begin an escape in what CMake makes of them.
        facts = {
            "executable": self.build.executable.as_posix(),
            "version": ".".join(map(str, self.build.version)),
            "free_threaded": "ON" if self.build.free_threaded else "OFF",
            "library": library.as_posix() if library is not None else "",
            "link_options": ";".join(self.flags.ldflags),
            "compile_options": ";".join(own_configuration(self.build)),
        }
        lines = (f"set(holdfast_python_{name} [==[{text}]==])" for name, text in facts.items())
        return "\n".join(lines)


def _c_flags() -> tuple[str, ...]:
    """The include option of a C program."""
    return ("-isystem", str(paths.include_dir()))


# name: (other spellings, help, how to answer)
QUESTIONS: dict[str, tuple[tuple[str, ...], str, Callable[[_Answers], str]]] = {
    "cflags": (
        (),
        "options for compiling, with -std and -O",
        lambda a: shell_line(_c_flags() if a.for_c else a.flags.cflags),
    ),
    "ldflags": (
        (),
        "options for linking, including the libraries; put them after the sources",
        lambda a: shell_line(
            link_options(a.c_library) if a.for_c else (*a.flags.ldflags, *a.flags.libs)
        ),
    ),
    "libs": (
        (),
        "only the libraries; with --c, built the first time, and with a run path",
        lambda a: shell_line(link_options(a.c_library) if a.for_c else a.flags.libs),
    ),
    "rpath": (
        (),
        "folders that the loader must search at run time, separated by colons",
        lambda a: str(a.c_library) if a.for_c else ":".join(map(str, a.flags.rpath)),
    ),
    "includes": (
        (),
        "only the include options",
        lambda a: shell_line(_c_flags() if a.for_c else include_flags(a.build)),
    ),
    "include-dir": (
        ("--include_dir",),
        "folder of holdfast's headers",
        lambda _: str(paths.include_dir()),
    ),
    "cmake-dir": (
        ("--cmake_dir", "--cmakedir"),
        "folder for -Dholdfast_ROOT=",
        lambda _: str(paths.cmake_dir()),
    ),
    "pkgconfig-dir": (
        ("--pkgconfig_dir", "--pkgconfigdir"),
        "folder for PKG_CONFIG_PATH; holdfast-c's library is built the first time",
        lambda a: str(a.pkgconfig),
    ),
    "problem-matcher": (
        (),
        "file for GitHub's ::add-matcher::, which shows findings beside the code",
        lambda _: str(paths.problem_matcher()),
    ),
    "extension-suffix": (
        ("--extension_suffix",),
        "file name suffix of extension modules",
        lambda a: a.build.variables["EXT_SUFFIX"],
    ),
    "version": ((), "holdfast's version", lambda _: paths.version()),
    "cmake": ((), argparse.SUPPRESS, lambda a: a.cmake_script),
    "json": (
        (),
        "everything, including what the Python reports about itself",
        lambda a: json.dumps(_everything(a), indent=2),
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare one option per question."""
    for name, (spellings, text, _) in QUESTIONS.items():
        parser.add_argument(
            f"--{name}", *spellings, dest="questions", action="append_const", const=name, help=text
        )
    parser.add_argument(
        "--python",
        action=_Python,
        nargs="?",
        metavar="PATH",
        help="with a PATH: the interpreter to use; without: print the one in use",
    )
    parser.add_argument(
        "--c", action="store_true", help="for C programs: holdfast.h and libholdfast"
    )
    # Every host embeds; the option exists for scripts that pass it to other tools.
    parser.add_argument("--embed", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(questions=None)


def run(args: argparse.Namespace) -> int:
    """Print the answers in the order of the options."""
    answers = _Answers(args.python, for_c=args.c)
    if not args.questions:
        for name, value in _everything(answers).items():
            if name != "build":
                print(f"{name}: {value}")
        return 0
    for name in args.questions:
        if name == "python":
            print(answers.build.executable)
        else:
            print(QUESTIONS[name][2](answers))
    return 0


class _Python(argparse.Action):
    """``--python`` with a value chooses a Python; without one it asks for its path."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[object] | None,
        option_string: str | None = None,
    ) -> None:
        """Store the chosen Python, or add to the questions."""
        del parser, option_string
        if isinstance(values, str):
            namespace.python = values
        else:
            namespace.questions = [*(namespace.questions or ()), "python"]


def _everything(answers: _Answers) -> dict[str, object]:
    """All answers by name, and the full description of the Python."""
    answers.is_listing = True
    known: dict[str, object] = {"python": str(answers.build.executable)}
    for name, (_, _, answer) in QUESTIONS.items():
        if name not in ("json", "cmake"):
            known[name] = answer(answers)
    known["build"] = answers.build.to_dict()
    return known
