"""Runs clang-tidy on one file, and sorts its output into facts and troubles."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyholdfast.check.clang_tidy_output import Diagnostic, Place, read_diagnostics
from pyholdfast.check.clang_tidy_queries import SENTINEL, Vocabulary, configuration
from pyholdfast.check.collecting import collect
from pyholdfast.check.commands import CompileCommand
from pyholdfast.check.facts import UnitFacts
from pyholdfast.check.outline import outline
from pyholdfast.check.tokens import read_source
from pyholdfast.errors import AnalyserError
from pyholdfast.process_end import crash_of

__all__ = ["Trouble", "Unit", "examine", "find_clang_tidy"]

LIMIT_S = 300.0
_UNKNOWN_OPTION = re.compile(r"(?:unknown argument|unsupported option)[^']*'([^']+)'")
_FATAL = re.compile(r"file not found|too many errors|could not build")
_ERROR = re.compile(r"^(?:[^\n]+:\d+:\d+: )?error: ", re.MULTILINE)
_ATTEMPTS = 8
# Declares functions that CPython has removed since 3.10, so that code that calls them can be read.
REMOVED = Path(__file__).with_name("removed.h")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that prevented part of a file from being read.

    Attributes:
        code: HF620 or later.
        place: where; line 0 for a whole file.
        problem: the message.
    """

    code: str
    place: Place
    problem: str


@dataclass(slots=True)
class Unit:
    """The result for one file.

    Attributes:
        command: how the file is compiled.
        facts: what it contains.
        troubles: what prevented it from being read.
        unchecked: functions that were not analysed: name, line, reason.
        seconds: how long it took.
    """

    command: CompileCommand
    facts: UnitFacts
    troubles: list[Trouble] = field(default_factory=list)
    unchecked: list[tuple[str, int, str]] = field(default_factory=list)
    seconds: float = 0.0


def find_clang_tidy(environ: Mapping[str, str] | None = None) -> Path:
    """Find clang-tidy: first that of the ``clang-tidy`` package, which need not be on PATH.

    Raises:
        AnalyserError: HF600 if there is none, HF608 if HOLDFAST_CLANG_TIDY does not name one.
    """
    environ = os.environ if environ is None else environ
    if named := environ.get("HOLDFAST_CLANG_TIDY"):
        if not os.access(named, os.X_OK):
            raise AnalyserError(
                "HF608",
                f"HOLDFAST_CLANG_TIDY names a program that cannot be run: '{named}'",
                "name a clang-tidy 23 or later, or unset it to use the clang-tidy package",
            )
        return Path(named)
    spec = importlib.util.find_spec("clang_tidy")
    if spec is not None and spec.origin is not None:
        for name in ("clang-tidy", "clang-tidy.exe"):
            program = Path(spec.origin).parent / "data" / "bin" / name
            if program.is_file():
                return program
    found = shutil.which("clang-tidy", path=environ.get("PATH"))
    if found is None:
        raise AnalyserError(
            "HF600",
            "clang-tidy is not installed",
            "pip install 'pyholdfast[check]', into the environment that holdfast runs in",
        )
    return Path(found)


def examine(
    program: Path, command: CompileCommand, words: Vocabulary, *, limit_s: float = LIMIT_S
) -> Unit:
    """Run clang-tidy on one file.

    A file that does not compile is not an error here: the result says what was wrong, and which
    functions were not analysed.

    Raises:
        AnalyserError: HF609 if clang-tidy does not work.
    """
    begun = time.monotonic()
    unit = Unit(command, UnitFacts())
    if not command.file.is_file():
        text = "there is no such file; the compilation database may be older than the sources"
        unit.troubles.append(Trouble("HF629", _whole(command), text))
        return unit
    options = list(command.options)
    output: str | None = None
    for _ in range(_ATTEMPTS):
        output = _run(program, command, options, words, limit_s)
        if output is None:
            break
        refused = [found.group(1) for found in _UNKNOWN_OPTION.finditer(output)]
        refused = [option for option in refused if option in options]
        if not refused:
            break
        for option in dict.fromkeys(refused):
            unit.troubles.append(
                Trouble("HF622", _whole(command), f"clang does not know the option '{option}'")
            )
            options = [kept for kept in options if kept != option]
    if output is None:
        text = f"clang-tidy did not end within {limit_s:g} s"
        unit.troubles.append(Trouble("HF623", _whole(command), text))
        _nothing_checked(unit, text)
    else:
        diagnostics = read_diagnostics(output, str(command.folder))
        _demand_sentinel(program, command, diagnostics)
        unit.facts = collect(diagnostics)
        _note_errors(unit, diagnostics)
    unit.seconds = time.monotonic() - begun
    return unit


def _run(
    program: Path,
    command: CompileCommand,
    options: Sequence[str],
    words: Vocabulary,
    limit_s: float,
) -> str | None:
    with tempfile.TemporaryDirectory(prefix="holdfast-check-") as folder:
        settings = Path(folder, "queries.yaml")
        text = configuration(words, cplusplus=command.cplusplus)
        # A name of the sources that is not UTF-8 matches nothing: no compiler accepts it either.
        settings.write_text(text, encoding="utf-8", errors="replace")
        words_of_command = [
            str(program), "--experimental-custom-checks", "--quiet", f"--config-file={settings}",
            "--header-filter=.*", "--system-headers", str(command.file), "--", *options, "-include", str(REMOVED),
            "-DHOLDFAST_CHECK=1",
            "-w", "-ferror-limit=0", "-Qunused-arguments", "-Wno-unknown-warning-option",
        ]  # fmt: skip
        try:
            done = subprocess.run(
                words_of_command,
                capture_output=True,
                cwd=command.folder,
                timeout=limit_s,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            return None
        except OSError as error:
            raise _broken(program, str(error)) from error
        output = done.stdout.decode("utf-8", "surrogateescape")
        problem = done.stderr.decode("utf-8", "replace")
    if "Error parsing argument" in output or "Unknown command line argument" in problem:
        raise _broken(program, (problem or output).strip().splitlines()[0])
    if crash := crash_of(done.returncode):
        raise _broken(program, f"it was ended by {crash} on {command.file}")
    if done.returncode and not _ERROR.search(output):
        said = problem.strip().splitlines() or ["it said nothing"]
        raise _broken(program, f"its status is {done.returncode} on {command.file}: {said[-1]}")
    return output


def _demand_sentinel(
    program: Path, command: CompileCommand, diagnostics: Sequence[Diagnostic]
) -> None:
    """Refuse the output of a program that did not run the queries.

    `removed.h` precedes every file, so what it declares is found in every file: also in an empty
    one, and in one that does not compile.
    """
    if any(item.check == f"custom-{SENTINEL}" for item in diagnostics):
        return
    if any(item.level == "error" and item.place is None for item in diagnostics):
        return  # the file could not even be opened
    raise _broken(
        program, f"it reports nothing about {command.file}, not even what is always there"
    )


def _broken(program: Path, why: str) -> AnalyserError:
    return AnalyserError(
        "HF609",
        f"'{program}' does not work: {why}",
        "install clang-tidy 23 or later: pip install -U clang-tidy",
    )


def _whole(command: CompileCommand) -> Place:
    return Place(str(command.file), 0, 0)


def _note_errors(unit: Unit, diagnostics: Sequence[Diagnostic]) -> None:
    errors = [item for item in diagnostics
              if item.level == "error" and not item.check.startswith("custom-")]  # fmt: skip
    errors = [item for item in errors if not _UNKNOWN_OPTION.search(item.text)]
    if not errors:
        return
    file = str(unit.command.file)
    fatal = None
    for item in errors:
        place = item.place or _whole(unit.command)
        unit.troubles.append(Trouble("HF620", place, item.text))
        if _FATAL.search(item.text) or item.place is None:
            fatal = item.text
    if fatal is not None:
        _nothing_checked(unit, fatal)
        return
    lines = {
        item.place.line: item.text for item in errors if item.place and item.place.file == file
    }
    inside = {function.body.line for function in unit.facts.functions.values()
              if function.body.file == file}  # fmt: skip
    for found in outline(read_source(file)):
        broken = [line for line in lines if found.line <= line <= found.last_line]
        if broken:
            unit.unchecked.append((found.name, found.line, lines[broken[0]]))
        elif found.body_line not in inside:
            unit.unchecked.append((found.name, found.line, "the compiler did not take it in"))


def _nothing_checked(unit: Unit, why: str) -> None:
    unit.facts = UnitFacts()
    for found in outline(read_source(str(unit.command.file))):
        unit.unchecked.append((found.name, found.line, why))
