"""How to compile each file: from a compilation database, or as a host of one Python."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyholdfast.check.compiler_lines import target_of, words_of
from pyholdfast.errors import UsageError
from pyholdfast.inputs import read_text
from pyholdfast.toolchain.flags import include_flags
from pyholdfast.toolchain.probe import PythonBuild

__all__ = ["CompileCommand", "database_in", "from_database", "plain"]

_CPLUSPLUS = frozenset({".cpp", ".cc", ".cxx", ".c++", ".C", ".hpp", ".hh", ".hxx", ".h++", ".cu"})
_HEADERS = frozenset({".h", ".hpp", ".hh", ".hxx", ".h++"})
_WITH_VALUE = frozenset({"-o", "-MF", "-MT", "-MQ", "-MJ", "-include-pch", "--output", "-dumpdir", "-dumpbase",
                         "-dumpbase-ext", "-aux-info", "--serialize-diagnostics", "-index-store-path"})  # fmt: skip
_DROPPED = re.compile(
    r"-(c|S|E|M|MM|MD|MMD|MP|MG|Werror|pipe|Winvalid-pch|fpch-preprocess)|-Werror=.*"
)
# Options that write files, or load code into the compiler: a check must only read.
_ACTS = re.compile(
    r"-M[FTQJ].+|-?-save-temps.*|--coverage|-coverage|--?serialize-diagnostics=.*|-gsplit-dwarf.*"
    r"|-f(time-trace|time-report|profile-(generate|arcs|instr-generate)|cs-profile-generate|test-coverage"
    r"|coverage-mapping|stack-usage|callgraph-info|save-optimization-record|opt-info|dump-|memory-profile"
    r"|modules-cache-path|crash-diagnostics-dir|plugin|pass-plugin).*"
)
# The same after -Xclang, where the value follows another -Xclang.
_ACTS_BY_XCLANG = frozenset({"-load", "-plugin", "-add-plugin", "-dependency-file", "-serialize-diagnostic-file",
                             "-diagnostic-log-file", "-header-include-file", "-stats-file", "-o",
                             "-fmodules-cache-path", "-index-store-path"})  # fmt: skip
# Folders with these headers are not the project's: Python, the binding libraries, and holdfast.
_FOREIGN = ("Python.h", "pybind11/pybind11.h", "nanobind/nanobind.h", "boost/python.hpp",
            "numpy/arrayobject.h", "holdfast/version.hpp")  # fmt: skip


@dataclass(frozen=True, slots=True)
class CompileCommand:
    """One file and the options it is compiled with.

    Attributes:
        file: absolute path.
        folder: working folder of the compiler.
        options: for clang.
        version: of the Python whose headers it includes, if known.
    """

    file: Path
    folder: Path
    options: tuple[str, ...]
    version: tuple[int, int] | None

    @property
    def cplusplus(self) -> bool:
        """Whether it is C++."""
        if "-x" in self.options:
            return self.options[self.options.index("-x") + 1].startswith("c++")
        return self.file.suffix in _CPLUSPLUS


def plain(file: Path, build: PythonBuild, extra: Sequence[str]) -> CompileCommand:
    """The command with which `holdfast build` would compile the file.

    Raises:
        UsageError: HF111 if the file does not exist.
        ToolchainError: HF105 if the Python has no headers.
    """
    if not file.is_file():
        raise UsageError("HF111", f"cannot read '{file}': there is no such file", "name sources")
    language: tuple[str, ...] = ()
    cplusplus = file.suffix in _CPLUSPLUS
    if file.suffix in _HEADERS:
        cplusplus = True
        language = ("-x", "c++")
    standard = () if any(o.startswith("-std=") for o in extra) or not cplusplus else ("-std=c++17",)
    ours = _as_foreign(include_flags(build))
    given = _as_foreign(extra)
    target = target_of("g++", extra)
    options = (*target, *language, *standard, f"-I{file.absolute().parent}", *given, *ours)
    return CompileCommand(file.absolute(), Path.cwd(), options, build.version[:2])


def database_in(folder: Path) -> Path:
    """The compilation database given as ``-p``: the file itself, or the one in the folder."""
    return folder if folder.suffix == ".json" else folder / "compile_commands.json"


def from_database(folder: Path, wanted: Iterable[Path]) -> list[CompileCommand]:
    """The commands of a ``compile_commands.json`` for the given files, or for all if none is given.

    Raises:
        UsageError: HF627 if it does not exist or cannot be read; HF628 if it lacks a file.
    """
    database = database_in(folder)
    try:
        entries = json.loads(read_text(database))
        commands = [_from_entry(entry) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise UsageError(
            "HF627",
            f"no compilation database can be read from '{database}': {error}",
            "make one, e.g. with cmake -DCMAKE_EXPORT_COMPILE_COMMANDS=ON, or leave out -p",
        ) from error
    known = {command.file: command for command in reversed(commands)}
    named = [path.absolute() for path in wanted]
    missing = [path for path in named if path not in known and path.resolve() not in known]
    if missing:
        raise UsageError(
            "HF628",
            f"'{database}' has no command for '{missing[0]}'",
            "name files that the project compiles, or none to check them all",
        )
    if not named:
        return [known[file] for file in dict.fromkeys(command.file for command in commands)]
    return [known.get(path) or known[path.resolve()] for path in named]


def _from_entry(entry: dict[str, object]) -> CompileCommand:
    folder = Path(str(entry["directory"]))
    file = Path(str(entry["file"]))
    file = file if file.is_absolute() else Path(_normal(folder / file))
    listed = entry.get("arguments")
    words = (
        [str(w) for w in listed] if isinstance(listed, list) else words_of(str(entry["command"]))
    )
    while len(words) > 1 and not words[1].startswith("-") and "=" not in words[1] and (
        Path(words[0]).name in {"ccache", "sccache", "distcc", "env"}
    ):  # fmt: skip
        words = words[1:]
    options = _kept(words[1:], file, folder)
    if "++" in Path(words[0]).name and file.suffix == ".c" and "-x" not in options:
        options = ["-x", "c++", *options]
    options = [*target_of(words[0], options), *_as_foreign(options, folder)]
    return CompileCommand(file, folder, tuple(options), _version(options, folder))


def _kept(words: Sequence[str], file: Path, folder: Path) -> list[str]:
    """The options that matter for reading, without those that write or start something."""
    kept: list[str] = []
    left = iter(words)
    for word in left:
        if word == "-Xclang":
            option = next(left, "")
            if option in _ACTS_BY_XCLANG:
                next(left, ""), next(left, "")
            elif not _ACTS.fullmatch(option):
                kept += [word, option]
        elif word in _WITH_VALUE:
            next(left, "")
        elif word.startswith("-Wp,"):  # for the preprocessor: keep definitions, drop -MD,FILE
            kept += [part for part in word.split(",")[1:] if part.startswith(("-D", "-U"))]
        elif (
            word == "--"
            or _DROPPED.fullmatch(word)
            or _ACTS.fullmatch(word)
            or word.startswith("-o")
            or (not word.startswith("-") and _normal(folder / word) == str(file))
        ):
            continue
        else:
            kept.append(word)
    return kept


def _as_foreign(options: Iterable[str], folder: Path | None = None) -> tuple[str, ...]:
    """Includes outside the project, as system headers: they are not checked."""
    made: list[str] = []
    waiting = False
    for option in options:
        path = option if waiting else option[2:] if option.startswith("-I") else ""
        if waiting:
            made += _include(path, folder)
            waiting = False
        elif option == "-I":
            waiting = True
        elif path:
            made += _include(path, folder)
        else:
            made.append(option)
    return tuple(made)


def _include(path: str, folder: Path | None) -> list[str]:
    where = (folder or Path.cwd()) / path
    foreign = any((where / name).is_file() for name in _FOREIGN)
    return ["-isystem", path] if foreign else [f"-I{path}"]


def _version(options: Sequence[str], folder: Path) -> tuple[int, int] | None:
    for option in options:
        header = folder / option / "patchlevel.h"
        if not option.startswith("-") and header.is_file():
            text = read_text(header, errors="replace")
            found = dict(re.findall(r"#define PY_(MAJOR|MINOR)_VERSION\s+(\d+)", text))
            return int(found["MAJOR"]), int(found["MINOR"])
    return None


def _normal(path: Path) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return str(Path(*parts))
