"""Find Python calls that are made detached, and pairs that some path leaves open.

  holdfast check FILES... [-- OPTIONS]   compile them as hosts, with these options
  holdfast check -p BUILD [FILES...]     compile them as compile_commands.json in BUILD says
  holdfast check ... --write-baseline    accept today's findings; later runs report new ones only

Works on any C or C++ code that uses Python's C API, pybind11, nanobind or Boost.Python. Files are
analysed together, so name all files that call each other. Needs clang-tidy: pip install
'pyholdfast[check]'.

Exit status: 0 no findings, 1 findings, 2 wrong use, no clang-tidy, or code that could not be
analysed. Findings in holdfast's own headers are reported only if FILES name one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast import paths
from pyholdfast.check.accepted import (
    read_baseline,
    without_accepted,
    without_ignored,
    write_baseline,
)
from pyholdfast.check.commands import database_in
from pyholdfast.check.program_check import check
from pyholdfast.check.report import as_json, as_text, exit_status
from pyholdfast.check.sarif import as_sarif
from pyholdfast.check.settings import FILES, read_settings
from pyholdfast.commands.reading import Progress, add_reading_options, commands_of
from pyholdfast.commands.values import version
from pyholdfast.outputs import demand_apart, put_output
from pyholdfast.visible import visible

if TYPE_CHECKING:
    import argparse

__all__ = ["add_arguments", "run"]

BASELINE = Path(".holdfast-baseline.json")
FORMATS = {"text": as_text, "json": as_json, "sarif": as_sarif}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--format",
        choices=sorted(FORMATS),
        default="text",
        help="format of the findings; default: text",
    )
    parser.add_argument(
        "-o", dest="output", type=Path, metavar="OUT", help="write the findings to this file"
    )
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE",
        help=f"file with accepted findings; default: {BASELINE} if it exists",
    )  # fmt: skip
    parser.add_argument(
        "--write-baseline", action="store_true", help="accept all findings of this run"
    )
    parser.add_argument(
        "--target", type=version, metavar="3.N",
        help="the Python that the code must work on; default: the one it is compiled with",
    )  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="count notes as findings")
    add_reading_options(parser)


def run(args: argparse.Namespace) -> int:
    """Check, print the report, and return the exit status."""
    folder = Path.cwd()
    settings = read_settings(args.files[0].absolute().parent if args.files else folder)
    commands, compiled_for = commands_of(args)
    baseline = args.baseline or (settings.root / BASELINE)
    read = [*(command.file for command in commands), *(settings.root / name for name in FILES)]
    read += [database_in(args.build)] if args.build is not None else []
    outputs = [args.output] if args.output is not None else []
    if args.write_baseline:
        demand_apart([*outputs, baseline], read)
    else:
        demand_apart(outputs, [*read, baseline])
    with Progress() as say:
        result = check(
            commands,
            settings,
            version=args.target or compiled_for,
            jobs=args.jobs,
            limit_s=args.limit,
            say=say,
            override=args.target is not None,
            leave_out=_headers_of_holdfast(args.files),
        )
    result.strict = args.strict
    result.findings, result.ignored = without_ignored(result.findings)
    if args.write_baseline:
        write_baseline(baseline, result.findings, settings.root.absolute())
        print(f"{visible(str(baseline))}: {len(result.findings)} findings accepted")
        return 2 if result.troubles or result.unchecked else 0
    if args.baseline is not None or baseline.is_file():
        result.findings, result.accepted = without_accepted(
            result.findings, read_baseline(baseline), settings.root.absolute()
        )
    text = FORMATS[args.format](result, folder)
    if args.output is not None:
        put_output(args.output, (text.rstrip("\n") + "\n").encode(errors="surrogateescape"))
    else:
        print(text, end="" if text.endswith("\n") else "\n")
    return exit_status(result)


def _headers_of_holdfast(named: Sequence[Path]) -> Path | None:
    """The folder of holdfast's headers, which is not user code; None if FILES name one of them."""
    folder = paths.include_dir()
    return None if any(file.resolve().is_relative_to(folder) for file in named) else folder
