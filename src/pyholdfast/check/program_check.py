"""Checks many files: runs clang-tidy on each, then judges them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from fnmatch import fnmatch
from pathlib import Path

from pyholdfast.check.clang_tidy import LIMIT_S, Unit, examine, find_clang_tidy
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.commands import CompileCommand
from pyholdfast.check.coverage import note_unread
from pyholdfast.check.judge import judge
from pyholdfast.check.program import Program
from pyholdfast.check.report import Result
from pyholdfast.check.settings import Settings
from pyholdfast.check.wrappers import with_wrappers

__all__ = ["check", "examine_all", "read_program"]


def check(
    commands: Sequence[CompileCommand],
    settings: Settings,
    *,
    version: tuple[int, int],
    jobs: int,
    limit_s: float = LIMIT_S,
    say: Callable[[str], None] = lambda _: None,
    override: bool = False,
    leave_out: Path | None = None,
) -> Result:
    """Check files.

    Args:
        commands: the files, and how each is compiled.
        settings: the project's configuration.
        version: version of Python for removed functions, if a command does not determine it.
        jobs: how many files to read at a time.
        limit_s: time limit for one file, in seconds.
        say: receives short progress messages.
        override: whether `version` takes precedence over a command's own version.
        leave_out: a folder without findings: its code is read only for the sake of its callers.

    Raises:
        AnalyserError: HF600, HF608 or HF609 if clang-tidy is missing or does not work.
    """
    program, units = read_program(commands, settings, jobs=jobs, limit_s=limit_s, say=say)
    result = Result(files=len(units), troubles=note_unread(units, settings.root))
    globals_ = []
    for unit in units:
        globals_ += unit.facts.globals
        result.troubles += unit.troubles
        file = str(unit.command.file)
        result.unchecked += [(Place(file, line, 1), name, why)
                             for name, line, why in unit.unchecked]  # fmt: skip
    versions = [unit.command.version for unit in units if unit.command.version is not None]
    found = judge(program, globals_, version if override or not versions else max(versions))
    unread = set(program.unread)
    for body, why in program.unread.items():
        result.unchecked.append((body, program.functions[body].shown.removesuffix("()"), why))
    unchecked = {(place.file, name) for place, name, _ in result.unchecked}
    result.functions = sum(
        body not in unread and (body.file, function.name) not in unchecked
        for body, function in program.functions.items()
    )
    result.findings = [
        finding
        for finding in found
        if not _is_excluded(Path(finding.place.file), settings)
        and not (leave_out and Path(finding.place.file).resolve().is_relative_to(leave_out))
    ]
    return result


def read_program(
    commands: Sequence[CompileCommand],
    settings: Settings,
    *,
    jobs: int,
    limit_s: float = LIMIT_S,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Program, list[Unit]]:
    """The functions of all files that are not excluded, and the result for each file.

    Raises:
        AnalyserError: HF600, HF608 or HF609 if clang-tidy is missing or does not work.
    """
    wanted = [command for command in commands if not _is_excluded(command.file, settings)]
    units = examine_all(wanted, settings, jobs=jobs, limit_s=limit_s, say=say)
    program = Program(
        config_attached=frozenset(settings.attached),
        config_detached=frozenset(settings.detached),
        config_roles=settings.roles(),
    )
    for unit in units:
        program.add(unit.facts)
    program.conclude()
    return program, units


def examine_all(
    commands: Sequence[CompileCommand],
    settings: Settings,
    *,
    jobs: int,
    limit_s: float = LIMIT_S,
    say: Callable[[str], None] = lambda _: None,
) -> list[Unit]:
    """Run clang-tidy on several files at a time; the results are in the order of the files."""
    program = find_clang_tidy()
    words = with_wrappers(settings.vocabulary(), [command.file for command in commands])
    done: dict[int, Unit] = {}
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        waiting = {
            pool.submit(examine, program, command, words, limit_s=limit_s): number
            for number, command in enumerate(commands)
        }
        try:
            for future in as_completed(waiting):
                number = waiting[future]
                done[number] = future.result()
                say(f"{len(done)} of {len(commands)}: {commands[number].file.name}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [done[number] for number in range(len(commands))]


def _is_excluded(file: Path, settings: Settings) -> bool:
    root = settings.root.absolute()
    shown = file.relative_to(root) if file.is_relative_to(root) else file
    return any(fnmatch(shown.as_posix(), pattern) for pattern in settings.exclude)
