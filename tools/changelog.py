#!/usr/bin/env python3
"""Makes a section of CHANGELOG.md from the fragments in changelog.d, and deletes them.

Without a version it prints what the section would be. towncrier was not taken: it makes one list
item of a file, where our files hold several paragraphs, one per entry.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from pathlib import Path

__all__ = ["KINDS", "complaints", "main", "section"]

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = CHECKOUT / "changelog.d"
CHANGELOG = CHECKOUT / "CHANGELOG.md"
KINDS = ("added", "changed", "fixed", "removed")
# New sections come below this line.
MARK = "<!-- releases -->\n"
_NAME = re.compile(rf"[1-9]\d*\.(?:{'|'.join(KINDS)})\.md")


def main(argv: list[str] | None = None) -> int:
    """Print the section, or move it into the changelog."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("version", nargs="?", help="X.Y.Z; without it, nothing is written")
    version = parser.parse_args(argv).version
    files = fragments(FOLDER)
    if wrong := [line for file in files for line in complaints(file)]:
        print(*wrong, sep="\n", file=sys.stderr)
        return 1
    today = dt.datetime.now(tz=dt.timezone.utc).date()
    text = section(files, f"{version}, {today}" if version else "Unreleased")
    if version is None:
        print(text, end="")
        return 0
    before, mark, after = CHANGELOG.read_text(encoding="utf-8").partition(MARK)
    if not mark or f"\n## {version}," in after:
        print(f"{CHANGELOG.name} has no line {MARK.strip()}, or has {version}", file=sys.stderr)
        return 1
    CHANGELOG.write_text(f"{before}{mark}\n{text}{after}", encoding="utf-8")
    for file in files:
        file.unlink()
    return 0


def fragments(folder: Path) -> list[Path]:
    """All files but the README, those of older issues first."""
    found = [file for file in folder.iterdir() if file.name != "README.md"]
    return sorted(found, key=lambda file: (len(file.name.split(".")[0]), file.name))


def section(files: list[Path], title: str) -> str:
    """A heading, and below it each kind with its entries, one list item each."""
    lines = [f"## {title}"]
    for kind in KINDS:
        if own := [file for file in files if file.name.split(".")[1] == kind]:
            lines.append(f"### {kind.capitalize()}")
            items = [entry.splitlines() for file in own for entry in entries(file)]
            lines.append("\n".join("- " + "\n  ".join(item) for item in items))
    return "\n\n".join(lines) + "\n"


def entries(file: Path) -> list[str]:
    """The paragraphs of a fragment."""
    return re.split(r"\n{2,}", file.read_text(encoding="utf-8").strip("\n"))


def complaints(file: Path) -> list[str]:
    """What is wrong with a fragment; empty if nothing is."""
    if not _NAME.fullmatch(file.name):
        return [f"{file.name}: the name is not ISSUE.KIND.md, with KIND one of {', '.join(KINDS)}"]
    text = file.read_text(encoding="utf-8")
    wrong = []
    if not text.endswith("\n") or text.endswith("\n\n") or text.startswith("\n"):
        wrong.append("begin with text, and end with one newline")
    if re.search(r"[ \t]$|\n\n\n", text, re.MULTILINE):
        wrong.append("no spaces at the end of a line, and one empty line between entries")
    for entry in entries(file):
        if re.match(r"#|[-*+] |\d+\. |<|    ", entry):
            wrong.append(f"a paragraph of prose, not a heading, list, code or HTML: {entry[:40]!r}")
        if not entry.endswith((".", ".)")):
            wrong.append(f"an entry ends with a full stop: {entry[-40:]!r}")
        if entry.count("`") % 2:
            wrong.append(f"a backtick has no partner: {entry[:40]!r}")
    return [f"{file.name}: {line}" for line in wrong]


if __name__ == "__main__":
    sys.exit(main())
