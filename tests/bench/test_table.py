"""The results as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.samples import comparison, python, report
from holdfast_bench.arithmetic import MIB, Goal
from holdfast_bench.machine import describe
from holdfast_bench.results import Gap, load, save
from holdfast_bench.system_calls import total_calls
from holdfast_bench.table import render
from pyholdfast.cli import main
from pyholdfast.errors import HoldfastError
from pyholdfast.toolchain.compiler import find_compiler

STRACE = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 61.02    0.001080           2       400           munmap
 30.10    0.000533           1       407        12 openat
  8.88    0.000157           0        64           mmap
------ ----------- ----------- --------- --------- ----------------
100.00    0.001770           2       871        12 total
"""
FAILED = Gap("start", "start to finalize", "plain C API", "HF146 it failed", failed=True)


def test_the_table_says_ratio_spread_goal_and_verdict() -> None:
    """One line per opponent; the title of a row appears once."""
    met, missed = Goal(at_least=50), Goal(at_least=75)
    lines = render(
        report(
            python(
                comparison(goal=met),
                comparison(goal=missed, against="pybind11", version="3.1.0"),
            )
        )
    ).splitlines()

    first = next(line for line in lines if "PyGILState" in line)
    second = next(line for line in lines if "pybind11" in line)
    wanted = "title of small_call PyGILState 80.0 ns 4.80 us 60.0x faster 50.0..100 >= 50x yes"
    assert " ".join(first.split()) == wanted
    assert second.split()[:2] == ["pybind11", "3.1.0"]
    assert second.split()[-1] == "no"
    assert first.index("PyGILState") == second.index("pybind11")


def test_rows_without_numbers_say_why() -> None:
    """A row that was not measured differs from one that failed."""
    text = render(report(python(Gap("small_call", "a row", "PyO3", "no cargo here"), FAILED)))

    assert "not measured: no cargo here" in text
    assert "failed: HF146 it failed" in text


def test_memory_has_its_own_unit() -> None:
    """A ratio of two growths that may both be zero means nothing."""
    entry = comparison("memory", reads="growth", ours=(MIB / 2,), theirs=(7.0 * MIB,))

    assert "0.50 MiB  7.00 MiB  0.50 MiB" in render(report(python(entry)))


def test_added_time_has_a_sign() -> None:
    """And its goal the same unit."""
    entry = comparison(
        "start", reads="added", ours=(41.5e6,), theirs=(40e6,), goal=Goal(at_most=2.0)
    )

    shown = " ".join(render(report(python(entry))).split())
    assert "41.5 ms 40.0 ms +1.50 ms +1.50..+1.50 <= 2 ms yes" in shown


def test_results_come_back_as_they_went(tmp_path: Path) -> None:
    """--from shows the results that --json has written."""
    run = report(
        python(comparison(goal=Goal(at_least=50)), FAILED),
        python(comparison("memory", reads="growth"), version="3.13.5t", free=True),
    )
    save(run, tmp_path / "run.json")

    assert load(tmp_path / "run.json") == run
    assert render(load(tmp_path / "run.json")) == render(run)


@pytest.mark.parametrize("text", [None, "", "{}", "[]", '{"form": 99}', '{"form": 1}'])
def test_a_file_without_results_is_refused(tmp_path: Path, text: str | None) -> None:
    """A missing file, a file that is not JSON, and JSON of something else."""
    path = tmp_path / "run.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(HoldfastError, match=r"^HF145 cannot read results from .*run\.json"):
        load(path)


def test_results_of_another_form_are_refused(tmp_path: Path) -> None:
    """Their fields may now have another meaning."""
    path = tmp_path / "run.json"
    save(report(python(comparison())), path)
    path.write_text(path.read_text().replace('"form": 1', '"form": 2'))

    with pytest.raises(HoldfastError, match=r"^HF145 .* form 2, not 1"):
        load(path)


def test_a_failure_is_status_1_and_a_missed_goal_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slow machine is not an error; a program that crashes is one."""
    missed = comparison(goal=Goal(at_least=1000))
    save(report(python(missed)), tmp_path / "missed.json")
    save(report(python(missed, FAILED)), tmp_path / "failed.json")

    statuses = [
        main(["bench", "--from", str(tmp_path / f"{n}.json")]) for n in ("missed", "failed")
    ]

    assert statuses == [0, 1]
    assert " no\n" in capsys.readouterr().out


def test_results_name_neither_folders_nor_the_machine(tmp_path: Path) -> None:
    """Because they are published."""
    save(report(python(comparison())), tmp_path / "run.json")

    assert str(Path.home()) not in (tmp_path / "run.json").read_text()
    assert set(json.loads((tmp_path / "run.json").read_text())["pythons"][0]) == {
        "version", "free_threaded", "entries", "system_calls", "system_calls_gap",
    }  # fmt: skip


def test_the_machine_is_described_from_what_the_kernel_says(tmp_path: Path) -> None:
    """The processor, and whether it is virtual: ratios depend on both."""
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("model name\t: Fast  CPU @ 3 GHz\nflags\t\t: fpu hypervisor sse\n")

    line = describe(find_compiler(), cpuinfo)

    assert line.startswith("Fast CPU @ 3 GHz, ")
    assert ", virtual machine, " in line
    assert describe(find_compiler(), tmp_path / "none").count("virtual machine") == 0


def test_system_calls_are_summed_without_the_total() -> None:
    """With and without a number of errors on the line."""
    assert total_calls(STRACE) == 871
    with pytest.raises(ValueError, match="no table"):
        total_calls("strace: ptrace: Operation not permitted\n")
