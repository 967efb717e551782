#!/usr/bin/env python3
"""Fills in measured ratios, survived faults, the number of programs, and their outcomes.

The README has the faults, the number of programs and the other systems, docs/explanation the rest (PAGES).

Ratios come from benchmarks/results/*.json, written by `holdfast bench --json`; faults from
tests/faults/results.json, written by tools/conformance.py; other systems from
tests/elsewhere/results.json, written by `make test-platforms`; the number of programs from
tests/programs; their outcomes from build/matrix.json, written by `make test-all`:
{"3.12": {"program": "passed"}}, with "failed" or "skipped: why" for the others. A part without its
source is left unchanged. With --check nothing is written; the exit status is 1 if a part differs
from its source. Ratios of other headers than the present ones are reported, but are no error: headers
change more often than anybody measures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import conformance
import support_table
from markdown_table import by_number, line

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CHECKOUT / part) for part in ("src", "benchmarks", "tests")]

from holdfast_bench.headers import digest  # noqa: E402
from holdfast_bench.results import Comparison, Report, load  # noqa: E402
from holdfast_bench.rows import ROWS  # noqa: E402
from holdfast_bench.table import figure_text, medians_of  # noqa: E402
from matrix import EXPECTED  # noqa: E402
from program_text import Program, programs  # noqa: E402

PAGES = {
    CHECKOUT / "README.md": ("faults", "programs", "support"),
    CHECKOUT / "docs" / "explanation" / "measured.md": ("bench",),
    CHECKOUT / "docs" / "explanation" / "how-it-is-tested.md": ("matrix",),
}
RESULTS = CHECKOUT / "benchmarks" / "results"
MATRIX = CHECKOUT / "build" / "matrix.json"
# Names for readers who see only the README.
PEERS = {
    "CPython": "plain CPython",
    "pybind11": "guards of pybind11",
    "holdfast": "holdfast",
}
KINDS = ("passed", "failed", "skipped")


def bench_block(reports: Sequence[Report]) -> str:
    """The ratios: a row for each measurement and peer, a column for each Python.

    Raises:
        ValueError: if a report is from a quick run, or the reports are from several machines.
    """
    if any(report.quick for report in reports):
        message = "results of --quick are not to be quoted: run holdfast bench without it"
        raise ValueError(message)
    machines = {report.machine for report in reports}
    if len(machines) != 1:
        message = f"the results are of {len(machines)} machines: measure all on one"
        raise ValueError(message)
    pythons = [python for report in reports for python in report.pythons]
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for python in pythons:
        for entry in python.entries:
            if isinstance(entry, Comparison):
                row = cells.setdefault((entry.title, entry.against), {})
                row[python.version] = figure_text(entry.reads, entry.figure.middle)
    versions = [python.version for python in pythons]
    order = {row.title: at for at, row in reversed(list(enumerate(ROWS)))}
    lines = [line(["", "against", *versions]), line(["---"] * (2 + len(versions)))]
    told = ""
    # A row that only some Pythons have must not end up below all others: "the same" is about the
    # row above it.
    for (title, against), row in sorted(
        cells.items(), key=lambda cell: order.get(cell[0][0], len(order))
    ):
        shown = "" if title == told else title
        # Markdown would take "<thread>" for a tag of HTML and leave it out.
        texts = [shown, against.replace("<", "&lt;")]
        lines.append(line([*texts, *(row.get(version, "") for version in versions)]))
        told = title
    rounds = medians_of(min(report.rounds for report in reports))
    counted = [
        f"{python.version}: {', '.join(f'{who} {n:.2f}' for who, n in python.system_calls.items())}"
        for python in pythons
        if python.system_calls
    ]
    notes = [f"Each figure is a ratio within one run, {rounds}. Machine: {machines.pop()}."]
    if counted:
        notes.append(f"System calls per attach, small call and detach: {'; '.join(counted)}.")
    return "\n".join([*lines, "", *notes])


def of_other_headers(reports: Sequence[Report], now: str) -> str:
    """A line that says which ratios were measured before the headers changed; empty if none were."""
    old = [
        python.version for report in reports if report.headers != now for python in report.pythons
    ]
    return (
        f"the headers have changed since the ratios of {', '.join(old)} were measured:"
        " measure again with holdfast bench --json"
        if old
        else ""
    )


def faults_block(results: conformance.Results) -> str:
    """How many of the known faults holdfast and each peer survive."""
    lines = [line(["with", "went well", "of"]), line(["---", "--:", "--:"])]
    for peer, (good, of) in conformance.totals(results).items():
        lines.append(line([PEERS[peer], str(good), str(of)]))
    lost = sum(row == "none" for column in results.values() for row in column["holdfast"].values())
    counted = "A fault counts once for each Python, unless that Python or the peer lacks what it is about."
    lines += ["", counted]
    if lost:
        lines.append(f"For {lost}, holdfast has no program; the conformance page says why.")
    return "\n".join(lines)


def programs_block(found: Sequence[Program]) -> str:
    """How many programs apply to every Python at least, in tens, so that it changes rarely."""
    least = min(
        sum(program.applies_to_version(*_version(name)) for program in found) for name in EXPECTED
    )
    return (
        f"More than {(least - 1) // 10 * 10} programs apply to each of the {len(EXPECTED)} Pythons."
    )


def _version(name: str) -> tuple[tuple[int, int], bool]:
    """What a name says: version, and whether it is free-threaded.

    >>> _version("3.13t")
    ((3, 13), True)
    """
    major, minor = name.rstrip("t").split(".")
    return (int(major), int(minor)), name.endswith("t")


def matrix_block(matrix: Mapping[str, Mapping[str, str]]) -> str:
    """The outcomes of the last complete run, by Python, and why programs were skipped."""
    lines = [line(["Python", "run", *KINDS]), line(["---", *["--:"] * (1 + len(KINDS))])]
    for python in sorted(matrix, key=by_number):
        counts = Counter(outcome.partition(":")[0] for outcome in matrix[python].values())
        lines.append(line([python, *map(str, [len(matrix[python]), *(counts[k] for k in KINDS)])]))
    reasons = {o for column in matrix.values() for o in column.values() if o.startswith("skipped")}
    return "\n".join([*lines, *([""] if reasons else []), *(f"- {r}" for r in sorted(reasons))])


def filled(text: str, name: str, block: str) -> str:
    r"""The text with the part between the marks of `name` replaced.

    Raises:
        ValueError: if the marks are missing.

    >>> filled("a <!-- x:begin -->old<!-- x:end --> b", "x", "new").split("\n")
    ['a <!-- x:begin -->', 'new', '<!-- x:end --> b']
    """
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        message = f"the page has no marks {begin} and {end}"
        raise ValueError(message)
    return f"{before}{begin}\n{block}\n{end}{after}"


@cache
def measured() -> tuple[Report, ...]:
    """The results of the benchmarks that are kept, by Python."""
    files = sorted(RESULTS.glob("*.json"), key=lambda file: by_number(file.stem))
    return tuple(load(file) for file in files)


def blocks() -> dict[str, str]:
    """The parts whose sources are there."""
    made = {"programs": programs_block(programs())}
    if results := measured():
        made["bench"] = bench_block(results)
    if conformance.RESULTS.exists():
        made["faults"] = faults_block(json.loads(conformance.RESULTS.read_text(encoding="utf-8")))
    if MATRIX.exists():
        made["matrix"] = matrix_block(json.loads(MATRIX.read_text(encoding="utf-8")))
    if support_table.RESULTS.exists():
        found = json.loads(support_table.RESULTS.read_text(encoding="utf-8"))
        made["support"] = support_table.support_block(found, EXPECTED)
    return made


def fresh(page: Path, made: Mapping[str, str]) -> str:
    """A page with its parts filled in."""
    text = page.read_text(encoding="utf-8")
    for name in PAGES[page]:
        if name in made:
            text = filled(text, name, made[name])
    return text


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="fill_readme.py", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it is stale")
    asked = parser.parse_args(argv)
    made = blocks()
    if told := of_other_headers(measured(), digest()):
        print(told)
    stale = [page for page in PAGES if fresh(page, made) != page.read_text(encoding="utf-8")]
    if asked.check:
        names = ", ".join(str(page.relative_to(CHECKOUT)) for page in stale)
        print(f"stale: {names}" if stale else "all up to date")
        return 1 if stale else 0
    for page in stale:
        page.write_text(fresh(page, made), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
