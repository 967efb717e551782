"""Find what is wrong with a Python, environment, compiler or built host, and name one fix for each.

  holdfast doctor            examine the selected Python and what building hosts for it needs
  holdfast doctor BINARY     examine a built host or shared library, also one for Windows; it is not run
  holdfast doctor DIST       examine a folder that holdfast bundle made
  holdfast doctor --log LOG  examine the messages of a failed build or host; - reads stdin

Exit status: 0 nothing is broken, 1 something is, 2 wrong use.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.commands.common import add_python_option
from pyholdfast.doctor.examine import examine_binary, examine_bundle, examine_log, examine_machine
from pyholdfast.doctor.report import as_json, as_text, can_encode, exit_status
from pyholdfast.errors import ToolchainError, UsageError
from pyholdfast.find_python import find_python
from pyholdfast.inputs import read_text

if TYPE_CHECKING:
    import argparse

    from pyholdfast.doctor.model import Finding

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    subject = parser.add_mutually_exclusive_group()
    subject.add_argument(
        "binary", nargs="?", type=Path, metavar="BINARY", help="a built host, or a bundle"
    )
    subject.add_argument("--log", metavar="FILE", help="messages of a build or a host; - is stdin")
    add_python_option(parser)
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument(
        "--quick", action="store_true", help="build no test host, configure no CMake project"
    )


def run(args: argparse.Namespace) -> int:
    """Examine, print the report, and return 1 if something is broken."""
    subject, findings = _examined(args)
    if args.json:
        print(as_json(subject, findings))
    else:
        print(as_text(subject, findings, unicode=can_encode(sys.stdout.encoding)), end="")
    return exit_status(findings)


def _examined(args: argparse.Namespace) -> tuple[str, list[Finding]]:
    """What was looked at, and what was found."""
    if args.log is not None:
        return f"the messages in {args.log}", examine_log(_read_log(args.log))
    if args.binary is not None and args.binary.is_dir():
        return f"{args.binary}", examine_bundle(args.binary)
    if args.binary is not None:
        environ = dict(os.environ)
        if args.python is not None:  # what holdfast run would set
            environ["HOLDFAST_PYTHON"] = str(find_python(args.python).path)
        try:
            return f"{args.binary}", examine_binary(args.binary, environ=environ)
        except ToolchainError as problem:
            raise UsageError(problem.code, problem.problem, problem.remedy) from problem
    if args.python is not None:
        find_python(args.python)  # a name that leads nowhere is wrong use, here as everywhere
    found = examine_machine(args.python, environ=os.environ, start=Path.cwd(), quick=args.quick)
    return "this machine", found


def _read_log(name: str) -> str:
    """The text of the log; undecodable bytes are replaced."""
    if name == "-":
        return sys.stdin.buffer.read().decode(errors="replace")
    try:
        return read_text(Path(name), errors="replace")
    except OSError as problem:
        raise UsageError(
            "HF183",
            f"cannot read '{name}': {problem.strerror or problem}",
            "name the file that holds the messages, or pipe them: … 2>&1 | holdfast doctor --log -",
        ) from problem
