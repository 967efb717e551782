"""Finds a C++ or a C compiler, identifies it, and runs it."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.errors import ToolchainError
from pyholdfast.process_end import end_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "Compiler",
    "compile_object",
    "find_c_compiler",
    "find_compiler",
    "read_dependencies",
    "run_compiler",
]

USUAL = ("c++", "g++", "clang++")
USUAL_C = ("cc", "gcc", "clang")


@dataclass(frozen=True, slots=True)
class Compiler:
    """A C++ or C compiler with the command line of gcc.

    Attributes:
        command: the words that start it; more than one for e.g. ``ccache g++``.
        why: where the choice came from, e.g. ``"CXX"``.
        is_zig: True for the compiler in the ziglang package.
    """

    command: tuple[str, ...]
    why: str
    is_zig: bool = False

    @property
    def name(self) -> str:
        """The compiler's name for messages."""
        return "zig c++" if self.is_zig else " ".join(Path(word).name for word in self.command)

    @property
    def for_windows(self) -> bool:
        """Whether it makes programs for Windows: the names of mingw-w64's compilers say so."""
        return sys.platform == "win32" or any("mingw" in Path(word).name for word in self.command)

    @property
    def program_suffix(self) -> str:
        """The end of a program's file name; the compiler adds it if a name has none."""
        return ".exe" if self.for_windows else ""

    def identity(self) -> str:
        """A text that changes when the compiler changes; does not start the compiler."""
        facts = []
        for word in self.command:
            facts.append(word)
            if Path(word).is_file():
                status = Path(word).stat()
                facts += [os.path.realpath(word), str(status.st_size), str(status.st_mtime_ns)]
        return "\n".join(facts)

    def version(self) -> str:
        """Start the compiler; return the first line of its ``--version``.

        Raises:
            ToolchainError: HF108 if it does not run.
        """
        try:
            done = subprocess.run(
                [*self.command, "--version"],
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise _does_not_run(self.why, " ".join(self.command)) from error
        return (done.stdout.splitlines() or [""])[0]

    def adapted(self, option: str) -> tuple[str, ...]:
        """Translate an option of gcc for this compiler."""
        if not self.is_zig:
            return (option,)
        if option == "-O0":
            # Without optimisation, zig traps undefined behaviour, and Python's headers have some.
            return ("-O1",)
        if option.startswith("-Wl,--dynamic-list="):
            return ("-rdynamic",)  # its linker does not support a list of symbols
        if option.startswith("--dynamic-list="):  # after -Xlinker
            return ("--export-dynamic",)
        return (option,)


def find_compiler(environ: Mapping[str, str] | None = None) -> Compiler:
    """Find a C++ compiler: ``CXX``, then the usual names, then the ziglang package.

    Raises:
        ToolchainError: HF107 if there is none, HF108 if ``CXX`` names a missing one.
    """
    return _find("CXX", "C++", USUAL, "c++", environ)


def find_c_compiler(environ: Mapping[str, str] | None = None) -> Compiler:
    """Find a C compiler, in the same way: ``CC``, the usual names, ziglang.

    Raises:
        ToolchainError: HF107 if there is none, HF108 if ``CC`` names a missing one.
    """
    return _find("CC", "C", USUAL_C, "cc", environ)


def _find(
    variable: str,
    language: str,
    usual: Sequence[str],
    of_zig: str,
    environ: Mapping[str, str] | None,
) -> Compiler:
    environ = os.environ if environ is None else environ
    path = environ.get("PATH")
    if wanted := shlex.split(environ.get(variable, "")):
        found = shutil.which(wanted[0], path=path)
        if found is None:
            raise _does_not_run(variable, environ[variable])
        launched = [shutil.which(word, path=path) or word for word in wanted[1:]]
        return Compiler((found, *launched), variable)
    for name in usual:
        if found := shutil.which(name, path=path):
            return Compiler((found,), f"{name} on PATH")
    if (zig := _zig()) is not None:
        return Compiler((str(zig), of_zig), "ziglang", is_zig=True)
    raise ToolchainError(
        "HF107", f"no {language} compiler found: tried {', '.join(usual)}", install_hint()
    )


def _zig() -> Path | None:
    """The program in the ziglang package.

    With ``python -m ziglang``, Python would import modules of the current folder, which may be anyone's.
    """
    spec = importlib.util.find_spec("ziglang")
    if spec is None or spec.origin is None:
        return None
    zig = Path(spec.origin).with_name("zig.exe" if sys.platform == "win32" else "zig")
    return zig if zig.is_file() else None


def install_hint() -> str:
    """The command that installs a compiler on this system."""
    if sys.platform == "darwin":
        return "xcode-select --install"
    if sys.platform == "win32":
        return "pip install 'pyholdfast[zig]'"
    managers = (
        ("apt-get", "apt install g++"),
        ("dnf", "dnf install gcc-c++"),
        ("apk", "apk add g++"),
        ("pacman", "pacman -S gcc"),
        ("zypper", "zypper install gcc-c++"),
    )
    known = next((text for tool, text in managers if shutil.which(tool)), "install g++ or clang++")
    return f"{known}, or without administrator rights: pip install 'pyholdfast[zig]'"


def _does_not_run(source: str, command: str) -> ToolchainError:
    return ToolchainError(
        "HF108",
        f"{source} names a compiler that cannot be run: '{command}'",
        f"name one that exists, or unset {source} to use the system's"
        if source in ("CXX", "CC")
        else install_hint(),
    )


def read_dependencies(text: str) -> list[Path]:
    r"""The prerequisites in a make rule, as compilers write it with ``-MD``.

    >>> [str(path) for path in read_dependencies("host.o: a.cpp my\\ dir/b.hpp \\\n c$$.h\n")]
    ['a.cpp', 'my dir/b.hpp', 'c$.h']
    """
    joined = text.replace("\\\n", " ")
    _, _, files = joined.partition(": ")
    words = re.findall(r"(?:\\[ #:]|[^\s])+", files.split("\n", 1)[0])
    return [Path(re.sub(r"\\([ #:])", r"\1", word).replace("$$", "$")) for word in words]


def compile_object(
    compiler: Compiler,
    options: Sequence[str],
    source: Path,
    object_file: Path,
    failure: ToolchainError,
) -> list[Path]:
    """Compile one source, and return the files that the compiler read; none if it wrote no list.

    Raises:
        ToolchainError: HF108 the compiler does not start; `failure` it fails.
    """
    listed = object_file.with_suffix(".d")
    arguments = [*options, "-MD", "-MF", str(listed), "-c", str(source), "-o", str(object_file)]
    run_compiler(compiler, arguments, failure)
    if not listed.is_file():
        return []
    return read_dependencies(listed.read_text(encoding="utf-8", errors="surrogateescape"))


def run_compiler(compiler: Compiler, arguments: Sequence[str], failure: ToolchainError) -> None:
    """Run the compiler; if it fails, raise `failure` with its exit status added."""
    try:
        # The compiler's output is for people, so it goes to stderr: stdout belongs to the host.
        done = subprocess.run(
            [*compiler.command, *arguments], check=False, stdout=sys.stderr.fileno()
        )
    except OSError as error:
        raise ToolchainError(
            "HF108",
            f"{compiler.why} names a compiler that cannot be run: '{compiler.command[0]}'",
            "set CXX to a compiler that works",
        ) from error
    if done.returncode != 0:
        problem = f"{failure.problem}: {compiler.name} {end_of(done.returncode)}"
        raise ToolchainError(failure.code, problem, failure.remedy)
