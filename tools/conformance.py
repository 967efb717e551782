#!/usr/bin/env python3
"""Writes the outcome of each fault in tests/faults/faults.toml, on every Python, with every peer.

Reads what `make test-all` left: build/twins/*.json (plain CPython and pybind11's guards) and
build/matrix.json (the programs). Writes build/conformance.json, the committed figures in
tests/faults/results.json, and the page docs/explanation/conformance.md, which is made from them. A Python that
was not run keeps its figures. With --check nothing is written; status 1 if the page is stale.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from markdown_table import by_number, line

__all__ = ["TWINS", "catalogue", "merged", "page", "shown_by_twins", "totals"]

CHECKOUT = Path(__file__).resolve().parent.parent
TWINS = CHECKOUT / "build" / "twins"
MATRIX = CHECKOUT / "build" / "matrix.json"
REPORT = CHECKOUT / "build" / "conformance.json"
RESULTS = CHECKOUT / "tests" / "faults" / "results.json"
PAGE = CHECKOUT / "docs" / "explanation" / "conformance.md"
OURS = "holdfast"

Results = dict[str, dict[str, Any]]


def catalogue() -> dict[str, dict[str, Any]]:
    """The rows of faults.toml."""
    text = (CHECKOUT / "tests" / "faults" / "faults.toml").read_text(encoding="utf-8")
    return cast("dict[str, dict[str, Any]]", tomllib.loads(text))


def merged(results: Results) -> Results:
    """The committed figures, with those of the Pythons in the last run replaced."""
    for file in sorted(TWINS.glob("*.json")):
        fresh = json.loads(file.read_text(encoding="utf-8"))
        results[file.stem] = {**results.get(file.stem, {}), **fresh}
    matrix = json.loads(MATRIX.read_text(encoding="utf-8")) if MATRIX.exists() else {}
    for python, programs in matrix.items():
        if python in results:
            shown = shown_by_twins(results[python])
            verdicts = {
                fault: _verdict(row, programs, python, is_shown=fault in shown)
                for fault, row in catalogue().items()
            }
            if "ok" in verdicts.values():
                results[python][OURS] = {f: word for f, word in verdicts.items() if word}
    return dict(sorted(results.items(), key=lambda item: by_number(item[0])))


def shown_by_twins(column: Mapping[str, Any]) -> set[str]:
    """The faults of which a twin shows something on this Python."""
    return {
        fault
        for peer in column["twins"]
        for fault, word in _words(column, peer).items()
        if word != "n/a"
    }


def _verdict(
    row: Mapping[str, Any], programs: Mapping[str, str], python: str, *, is_shown: bool
) -> str:
    """``ok`` if all programs that apply to this Python passed; empty if the fault does not apply.

    Args:
        row: of the catalogue.
        programs: the outcome of each that ran.
        python: its name.
        is_shown: whether a twin shows the fault there, so that a program should, too.
    """
    if "no_program" in row:
        return "" if "no_twin" in row else "none"
    if "only_free_threaded" in row and not python.endswith("t"):
        return ""
    outcomes = [programs[name] for name in row.get("programs", ()) if name in programs]
    if "failed" in outcomes:
        return "failed"
    if not outcomes and is_shown and "no_program_on_some" in row:
        return "none"
    return "ok" if outcomes and all(outcome == "passed" for outcome in outcomes) else ""


def totals(results: Results) -> dict[str, tuple[int, int]]:
    """Per peer: how many faults went well, and how many apply; each counts once per Python."""
    sums = {}
    for peer in _peers(results):
        words = [word for column in results.values() for word in _words(column, peer).values()]
        meant = [word for word in words if word != "n/a"]
        sums[peer] = (meant.count("ok"), len(meant))
    return sums


def _peers(results: Results) -> list[str]:
    found = [peer for column in results.values() for peer in column["twins"]]
    ours = [OURS] if any(OURS in column for column in results.values()) else []
    return [*dict.fromkeys(found), *ours]


def _words(column: Mapping[str, Any], peer: str) -> dict[str, str]:
    if peer == OURS:
        return dict(column.get(OURS, {}))
    return {fault: word for fault, (word, _) in column["twins"].get(peer, {}).items()}


def page(results: Results) -> str:
    """The page of the docs."""
    columns = list(results)
    versions = ", ".join(f"{name}: {results[name]['version']}" for name in columns)
    sums = [f"{peer} {good} of {of}" for peer, (good, of) in totals(results).items()]
    lines = [
        "<!-- Made by tools/conformance.py from tests/faults/faults.toml and results.json. -->",
        "",
        "# Conformance",
        "",
        "This table shows what happens to a program with one of the known faults, on each Python. For",
        "plain CPython and for pybind11's guards, `tests/faults/` has a *twin*, a small program with that",
        "fault. For holdfast, `tests/programs/` has the programs. Each runs in its own process.",
        "",
        "*ok*: the program ended as it should. *lost*: a call, a result, an exception or memory is lost",
        "or wrong, without an error. *exit*: the process ended by `exit()` before the program had",
        "finished. *unwind*: the thread was ended by force within its call. *hang*: the program did not",
        "end within its limit. *crash*: a signal or an abort. *none*: holdfast has no program, for a",
        "reason that is given below. A race is run five times, and the worst outcome counts. An empty",
        "cell means that the fault does not apply: that Python, or the peer, does not have what the",
        "fault is about. A fault without a twin has a row of holdfast only.",
        "",
        f"Cells that are *ok*, of all that are not empty: {'; '.join(sums)}.",
        "The sums differ because some faults are about what a peer lacks, such as views before 3.15,",
        "or have no twin.",
        "",
        f"Measured on Linux x86-64, two processors. {versions}.",
        "",
    ]
    if OURS not in _peers(results):
        lines[-1:-1] = ["", "The programs of holdfast have not been run for this page yet."]
    lines += [line(["fault", "with", *columns]), line(["---", "---", *[":-:"] * len(columns)])]
    for fault, row in catalogue().items():
        told = row["title"]
        for peer in _peers(results):
            cells = [_words(results[name], peer).get(fault, "") for name in columns]
            shown = [cell.replace("n/a", "") for cell in cells]
            if any(shown):
                lines.append(line([f"{fault} {told}" if told else "", peer, *shown]))
                told = ""
    lines += ["", "## Faults without a program of holdfast", ""]
    lines += [
        f"- {f} {r['title']}: {r[key]}."
        for f, r in catalogue().items()
        for key in ("no_program", "no_program_on_some")
        if key in r
    ]
    lines += ["", "## Faults without a twin", ""]
    lines += [
        f"- {f} {r['title']}: {r['no_twin']}." for f, r in catalogue().items() if "no_twin" in r
    ]
    return "\n".join([*lines, ""])


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="conformance.py", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it is stale")
    asked = parser.parse_args(argv)
    results: Results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if asked.check:
        stale = page(results) != PAGE.read_text(encoding="utf-8")
        print(f"{PAGE.name} is {'stale: run tools/conformance.py' if stale else 'up to date'}")
        return int(stale)
    results = merged(results)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(results), encoding="utf-8")
    REPORT.parent.mkdir(exist_ok=True)
    whole = {"totals": totals(results), "faults": catalogue(), "pythons": results}
    REPORT.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
