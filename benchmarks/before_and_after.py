#!/usr/bin/env python3
"""Measures an older checkout and this one in turns, and compares each row.

Each row is measured by both, then measured again in the other order, so that a load that comes and
goes meets both alike. A row's figure is the median of the ratios of its rounds; so is the change,
which is taken within each round.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent.parent
# Rows that exist since 0.1.0, and are ratios
ROWS = (
    "small_call,attach,outermost,nested,typed_call,typed_call_from_thread,generator,"
    "tracing,start,compile,compile_headers_only,compile_all,small_tasks"
)


@dataclass(frozen=True, slots=True)
class Tree:
    """A checkout: where it is, and what its package is called."""

    root: Path
    package: str

    @classmethod
    def at(cls, root: Path) -> Tree:
        """The checkout in `root`, whose package may have an older name."""
        found = [path.parent.name for path in (root / "src").glob("*/__main__.py")]
        if len(found) != 1:
            sys.exit(f"before_and_after.py: no checkout of holdfast in '{root}'; give its folder")
        return cls(root, found[0])

    def measure(self, python: str, row: str, out: Path) -> list[dict[str, object]] | None:
        """The entries of one row, or None if it was not measured."""
        command = [sys.executable, "-m", self.package, "bench", "--python", python]
        command += ["--rounds", "1", "--rows", row, "--json", str(out)]
        out.unlink(missing_ok=True)
        ran = subprocess.run(
            command,
            check=False,
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root / "src")},
            capture_output=True,
            text=True,
        )
        if not out.exists():
            print(f"{self.root}: {row}: {ran.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
            return None
        found: list[dict[str, object]] = json.loads(out.read_text())["pythons"][0]["entries"]
        return found


@dataclass(slots=True)
class Line:
    """One row against one opponent, in all rounds so far."""

    title: str
    reads: str
    before: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)

    def text(self) -> str:
        """The row of a Markdown table; it says whether the change is for the better."""
        change = median(b / a for a, b in zip(self.before, self.after, strict=True))
        worse = change < 1 if self.reads == "faster" else change > 1
        percent = abs(change - 1) * 100
        word = "worse" if worse else "better"
        return (
            f"| {self.title} | {median(self.before):.3g} | {median(self.after):.3g} "
            f"| {percent:.0f} % {word} |"
        )


def main() -> int:
    """Measure all rows in turns; print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path, help="folder of the older checkout")
    parser.add_argument("--python", default=sys.executable, help="interpreter to measure on")
    parser.add_argument("--rows", default=ROWS, help="keys of rows, with commas")
    parser.add_argument(
        "--rounds", type=int, default=4, help="even, so that each goes first as often"
    )
    args = parser.parse_args()
    trees = {"before": Tree.at(args.before.resolve()), "after": Tree.at(HERE)}
    lines: dict[tuple[str, str], Line] = {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "row.json"
        for turn in range(args.rounds):
            order = list(trees) if turn % 2 == 0 else list(reversed(trees))
            for row in args.rows.split(","):
                print(f"round {turn + 1}: {row}", file=sys.stderr)
                found = {name: trees[name].measure(args.python, row, out) for name in order}
                note(lines, found["before"] or [], found["after"] or [])
    print("| row | before | after | change |\n|---|---|---|---|")
    for line in lines.values():
        print(line.text())
    return 0


def note(
    lines: dict[tuple[str, str], Line],
    before: list[dict[str, object]],
    after: list[dict[str, object]],
) -> None:
    """Add what one round has measured of a row in both checkouts to `lines`."""
    older = {entry["against"]: entry for entry in before if "figure" in entry}
    for entry in after:
        known = older.get(entry["against"])
        if "figure" not in entry or known is None or _middle(known) <= 0:
            continue  # what grew by nothing cannot be a multiple
        title, against, reads = (str(entry[key]) for key in ("title", "against", "reads"))
        line = lines.setdefault((title, against), Line(f"{title}; {against}", reads))
        line.before.append(_middle(known))
        line.after.append(_middle(entry))


def _middle(entry: dict[str, object]) -> float:
    figure = entry["figure"]
    return float(figure["middle"]) if isinstance(figure, dict) else float("nan")


if __name__ == "__main__":
    sys.exit(main())
