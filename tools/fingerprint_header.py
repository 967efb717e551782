#!/usr/bin/env python3
"""Puts the class of hints/fingerprint.py into calls/fingerprint.hpp, for hosts to run.

With --check nothing is written; the exit status is 1 if the header is stale.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "pyholdfast"
SOURCE = PACKAGE / "hints" / "fingerprint.py"
HEADER = PACKAGE / "include" / "holdfast" / "calls" / "fingerprint.hpp"
IN_SOURCE = ("# begin: for hosts, too\n", "# end\n")
IN_HEADER = ("// begin: made by tools/fingerprint_header.py\n", "// end\n")


def between(text: str, marks: tuple[str, str]) -> tuple[str, str, str]:
    r"""The text before, between and after two marks; the marks stay in the outer parts.

    Raises:
        ValueError: if the marks are missing.

    >>> between("a\n# x\nb\n# y\n", ("# x\n", "# y\n"))
    ('a\n# x\n', 'b\n', '# y\n')
    """
    before, found, rest = text.partition(marks[0])
    middle, closed, after = rest.partition(marks[1])
    if not found or not closed:
        message = f"no marks {marks}"
        raise ValueError(message)
    return before + found, middle, closed + after


def fresh(header: str, source: str) -> str:
    """The header with the class from the source.

    Raises:
        ValueError: if marks are missing, or the source would end the header's raw string.
    """
    _, shared, _ = between(source, IN_SOURCE)
    before, _, after = between(header, IN_HEADER)
    if ')python"' in shared:
        message = f'{SOURCE.name} holds )python", which ends the string of the header'
        raise ValueError(message)
    return f'{before}R"python(\n{shared.strip()}\n)python"\n{after}'


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it is stale")
    asked = parser.parse_args(argv)
    header = HEADER.read_text(encoding="utf-8")
    wanted = fresh(header, SOURCE.read_text(encoding="utf-8"))
    if asked.check:
        if header != wanted:
            print(f"{HEADER.name} is stale: run tools/fingerprint_header.py")
        return 0 if header == wanted else 1
    HEADER.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
