#!/usr/bin/env python3
"""Writes docs/reference from the headers, the table of codes and the command line.

These pages must not be edited by hand. With --check nothing is written; the exit status is 1 if a
page differs from what its source says now.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CHECKOUT / "src"), str(CHECKOUT / "tools")]

from docs_pages.c_page import c_page  # noqa: E402
from docs_pages.cli_page import cli_page  # noqa: E402
from docs_pages.code_page import code_page  # noqa: E402
from docs_pages.header_pages import PAGES, header_page, unassigned  # noqa: E402
from docs_pages.type_page import type_page  # noqa: E402

HEADERS = CHECKOUT / "src" / "pyholdfast" / "include" / "holdfast"
FOLDER = CHECKOUT / "docs" / "reference"


def pages() -> Mapping[str, str]:
    """The text of every generated page, by file name.

    Raises:
        ValueError: if a public header has no page, or an error code no range.
    """
    if forgotten := unassigned(HEADERS):
        message = f"no page describes {', '.join(forgotten)}: see tools/docs_pages/header_pages.py"
        raise ValueError(message)
    made = {f"{page.name}.md": header_page(page, HEADERS) for page in PAGES}
    return {
        **made,
        "c.md": c_page(HEADERS / "holdfast.h"),
        "errors.md": code_page(),
        "command-line.md": cli_page(),
        "types.md": type_page(),
    }


def stale(wanted: Mapping[str, str]) -> str:
    """The differences between the pages on disk and `wanted`, as a diff; empty if none."""
    lines: list[str] = []
    for name, text in wanted.items():
        file = FOLDER / name
        there = file.read_text(encoding="utf-8") if file.exists() else ""
        lines += difflib.unified_diff(
            there.splitlines(),
            text.splitlines(),
            f"docs/reference/{name}",
            "from its source",
            "",
            "",
            1,
            "",
        )
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="reference.py", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if a page is stale")
    asked = parser.parse_args(argv)
    wanted = pages()
    if asked.check:
        difference = stale(wanted)
        print(difference or "docs/reference is up to date")
        return 1 if difference else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
