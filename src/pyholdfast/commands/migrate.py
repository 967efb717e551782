"""Replace manual pairs with guards, and removed calls with current ones.

  holdfast migrate FILES... [-- OPTIONS]   show the changes as a diff
  holdfast migrate ... --write             change the files

PyGILState_Ensure and Release, Py_BEGIN_ and END_ALLOW_THREADS, PyEval_SaveThread and RestoreThread
become a holdfast::attach_guard or detach_guard; with --to c, an hf_scope of <holdfast/holdfast.h>.
With --to pep788, PyGILState_Ensure and Release become the calls of PEP 788, for C and C++, with a
header for Python 3.10 to 3.14. Only what holdfast check proves to be a pair
is rewritten; anything else is listed with the reason. Needs clang-tidy:
pip install 'pyholdfast[check]'.

Exit status: 0 nothing is left to do, 1 something was left as it is, 2 wrong use, or code that could
not be analysed.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.check.findings import CODES_OF_TROUBLE
from pyholdfast.check.program_check import read_program
from pyholdfast.check.settings import read_settings
from pyholdfast.commands.common import demand_source
from pyholdfast.commands.reading import Progress, add_reading_options, commands_of
from pyholdfast.inputs import read_text
from pyholdfast.migrate.draft import diff_of_new, write_all, write_new
from pyholdfast.migrate.languages import HEADERS
from pyholdfast.migrate.migrate import TARGETS, migrate
from pyholdfast.migrate.migration import Migration
from pyholdfast.visible import visible, visible_lines

if TYPE_CHECKING:
    import argparse

    from pyholdfast.check.clang_tidy import Unit

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--to", choices=TARGETS, default="holdfast", help="the replacement; default: holdfast"
    )
    parser.add_argument("--write", action="store_true", help="change the files in place")
    add_reading_options(parser)


def run(args: argparse.Namespace) -> int:
    """Draft, then show or write."""
    folder = Path.cwd()
    settings = read_settings(args.files[0].absolute().parent if args.files else folder)
    headers = _take_headers(args)
    commands, _ = commands_of(args)
    with Progress() as say:
        program, units = read_program(
            commands, settings, jobs=args.jobs, limit_s=args.limit, say=say
        )
    files = {str(unit.command.file) for unit in units} | headers
    unchecked = {(str(u.command.file), name) for u in units for name, _, _ in u.unchecked}
    result = migrate(program, commands, files, args.to, unchecked)
    changed = [draft for draft in result.drafts if draft.result() != draft.text]
    made = {path: text for path, text in result.made.items() if not Path(path).exists()}
    if args.write:
        write_new(made)
        write_all(changed)
    else:
        for draft in changed:
            diff = draft.diff(_shown(draft.path, folder))
            # A redirected diff will be applied, so it must be exact; on a terminal, escape it.
            sys.stdout.write(visible_lines(diff) if sys.stdout.isatty() else diff)
        for path, text in made.items():
            sys.stdout.write(diff_of_new(_shown(path, folder), text))
    for line in _remarks(units, result, folder):
        print(visible(line), file=sys.stderr)
    verb = "changed" if args.write else "to change"
    print(_summary(result, len(changed), verb), file=sys.stderr)
    if any(unit.troubles or unit.unchecked for unit in units):
        return 2
    return 1 if result.refusals else 0


def _remarks(units: list[Unit], result: Migration, folder: Path) -> list[str]:
    lines = []
    for unit in units:
        for trouble in unit.troubles:
            place = f"{_shown(trouble.place.file, folder)}:{trouble.place.line}"
            lines += [f"{place}: {trouble.code} {trouble.problem}",
                      f"  do: {CODES_OF_TROUBLE[trouble.code]}"]  # fmt: skip
    for refusal in result.refusals:
        place = f"{_shown(refusal.place.file, folder)}:{refusal.place.line}:{refusal.place.column}"
        lines += [f"{place}: {refusal.code} {refusal.problem}", f"  do: {refusal.remedy}"]
        lines += [f"    {line}" for line in refusal.lines]
    for at, text in result.remarks:
        lines.append(f"{_shown(at.file, folder)}:{at.line}:{at.column}: note: {text}")
    return lines


def _take_headers(args: argparse.Namespace) -> set[str]:
    """Headers that the sources include: they may be changed, and need no command of their own.

    Raises:
        UsageError: HF111 if one does not exist.
    """
    sources = [file for file in args.files if file.suffix not in HEADERS]
    if not sources and args.build is None:
        return set()
    for file in args.files:
        demand_source(file)
    headers = [file for file in args.files if file.suffix in HEADERS]
    taken = headers
    if args.build is None:
        texts = [read_text(file, errors="replace") for file in args.files]
        taken = [file for file in headers if any(_includes(text, file.name) for text in texts)]
    args.files = [file for file in args.files if file not in taken]
    return {os.path.normpath(file.absolute()) for file in taken}


def _includes(text: str, name: str) -> bool:
    return (
        re.search(rf'#[ \t]*include[ \t]*["<](?:[^">]*/)?{re.escape(name)}[">]', text) is not None
    )


def _summary(result: Migration, files: int, verb: str) -> str:
    places = f"{result.rewritten} place{'' if result.rewritten == 1 else 's'}"
    text = f"{places} in {files} file{'' if files == 1 else 's'} {verb}"
    if result.refusals:
        text += f", {len(result.refusals)} left"
    if result.elsewhere:
        text += f"; {result.elsewhere} in headers that were not named"
    return text


def _shown(file: str, folder: Path) -> str:
    path = Path(file)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
