"""Shared by all tests: the table of Pythons, and running programs on them."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from harness import Outcome, run_built
from matrix import MatrixPython, default_python, missing, usable
from outcomes import add_options, choose, record_outcomes, skip_if_late
from own_home import move_in
from program_build import missing_needs
from program_text import find_source, read_program
from recording import record, with_gil
from table import as_json, caught_of_all, render, verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["RunProgram"]

# Before any test module is read: some ask a Python, or where the cache is, at once.
move_in(os.environ)
os.umask(0o022)


class RunProgram(Protocol):
    """The type of the `run_program` fixture."""

    def __call__(
        self,
        name: str,
        *,
        python: MatrixPython | None = None,
        arguments: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        deadline_s: float | None = None,
    ) -> Outcome:
        """Run the program of that name in ``tests/programs``."""


@pytest.fixture
def run_program() -> RunProgram:
    """Compiles and runs a program of tests/programs, by default on the newest Python."""

    def run(
        name: str,
        *,
        python: MatrixPython | None = None,
        arguments: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        deadline_s: float | None = None,
    ) -> Outcome:
        program = read_program(find_source(f"{name}.cpp"))
        if lacking := missing_needs(program):
            pytest.skip(f"{lacking} is not installed")
        return run_built(
            program,
            python or default_python(),
            arguments=arguments,
            environ=environ,
            deadline_s=deadline_s,
        )

    return run


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A trace of a host with a long hold: 700 ms, in C, while another thread waits."""
    outcome, trace = record(with_gil(), "hold_in_c", tmp_path)
    assert outcome.code == 0, outcome.explain()
    return trace


def pytest_configure(config: pytest.Config) -> None:
    """Handle SIGINT as a program in the foreground does; record the outcomes if requested.

    A shell without job control starts background processes with SIGINT ignored, and their children
    inherit that. Python then installs no handler, and the programs about signals would get no signal.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    record_outcomes(config, "; ".join(pytest_report_header()))


pytest_collection_modifyitems = choose
pytest_runtest_setup = skip_if_late


def pytest_report_header() -> list[str]:
    """Name the Pythons that the programs run on, and those that are missing."""
    found = ", ".join(f"{p.name} ({p.build.version_text})" for p in usable()) or "none"
    lines = [f"pythons: {found}"]
    if missing():
        lines.append(f"pythons not found: {', '.join(missing())} (tools/pythons.py makes some)")
    return lines


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --table and the options of `outcomes`."""
    add_options(parser)
    parser.addoption(
        "--table", action="store_true", help="end with the table of programs by Python"
    )


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how many mutants were caught; and print the table, if it was asked for.

    The table is left for tools/fill_readme.py.
    """
    if said := caught_of_all(terminalreporter.stats):
        terminalreporter.write_line(said)
    if config.getoption("--table"):
        marks = verdicts(terminalreporter.stats)
        terminalreporter.section("programs by Pythons")
        for line in render(marks):
            terminalreporter.write_line(line)
        matrix = config.rootpath / "build" / "matrix.json"
        matrix.parent.mkdir(exist_ok=True)
        matrix.write_text(as_json(marks) + "\n", encoding="utf-8")
