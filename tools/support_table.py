"""The support table of the README, from what the tests of tests/elsewhere did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from markdown_table import by_number, line

__all__ = ["RESULTS", "support_block"]

RESULTS = Path(__file__).resolve().parent.parent / "tests" / "elsewhere" / "results.json"
COUNTED = (
    "Below the first row, only the programs that were run last are counted, often [a part of those that\n"
    "apply](docs/explanation/limits.md#where-it-has-not-been-tried)."
)
HEADS = ("system", "processor", "compiler", "C++ library", "Python", "how", "programs that passed")


def support_block(results: Mapping[str, Any], pythons: Sequence[str]) -> str:
    """A row for each target; those that differ only in their Python share one.

    Args:
        results: of the file RESULTS.
        pythons: those of this machine's own row.
    """
    rows = [
        [
            "Linux, glibc",
            "x86-64",
            "g++, clang++",
            "libstdc++",
            _list(pythons),
            "run here",
            "[all](docs/explanation/how-it-is-tested.md#the-last-complete-run)",
        ]
    ]
    grouped: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for entry in results["run"].values():
        grouped.setdefault((*entry["row"], entry["how"]), []).append(entry)
    for (*row, how), entries in sorted(grouped.items()):
        entries.sort(key=lambda entry: by_number(_minor(entry["python"])))
        shares = [_share(entry) for entry in entries]
        if len(entries) > 1:  # each Python has programs of its own
            shares = [f"{_minor(e['python'])}: {of}" for e, of in zip(entries, shares, strict=True)]
        rows.append([*row, _list(entry["python"] for entry in entries), how, ", ".join(shares)])
    compiled = {name for name, outcome in results["compiled"].items() if outcome == "passed"}
    macs = sorted(name.removesuffix("-macos") for name in compiled if name.endswith("-macos"))
    if macs:
        rows.append(
            [
                "macOS",
                ", ".join(macs),
                "zig's clang",
                "libc++",
                "3.13",
                "compiled and linked, never run",
                "none",
            ]
        )
    others = sorted(name for name in compiled if not name.endswith("-macos"))
    text = [line(HEADS), line(["---"] * len(HEADS)), *map(line, rows), "", COUNTED]
    if others:
        text += ["", f"Compiled without a warning, besides: {', '.join(map(_compiler, others))}."]
    return "\n".join(text)


def _share(entry: Mapping[str, Any]) -> str:
    """How many of the programs that were run last have passed."""
    passed = _count(entry["passed"])
    return f"{passed} of {passed + _count(entry['failed'])}"


def _count(programs: int | Sequence[str]) -> int:
    """How many programs these are; of older runs only that is known."""
    return programs if isinstance(programs, int) else len(programs)


def _list(versions: Iterable[str]) -> str:
    """Minor versions, the oldest first.

    >>> _list(["3.13.2", "3.9.1"])
    '3.9, 3.13'
    """
    return ", ".join(sorted(set(map(_minor, versions)), key=by_number))


def _minor(version: str) -> str:
    """A version without its last number."""
    return ".".join(version.split(".")[:2])


def _compiler(case: str) -> str:
    """A compiler and the C++ that it compiled.

    >>> _compiler("g++-16-c++26")
    'g++ 16 (C++26)'
    """
    name, version, standard = case.rsplit("-", 2)
    return f"{name} {version} ({standard.upper()})"
