"""The C interface beside others in one process: C++ headers, a second copy, a Python that runs."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from c_builds import (
    DEADLINE_S,
    built,
    built_library,
    ensure_backend,
    one_python,
    pythons,
    run_on,
)
from harness import environment_for, run_command
from program_build import build_library
from pyholdfast.toolchain.c_library import backends_folder

if TYPE_CHECKING:
    from matrix import MatrixPython

BESIDE = Path(__file__).with_name("beside")


@pytest.mark.ci
@pytest.mark.parametrize("python", pythons(most=1))
def test_c_and_cxx_share_one_gate(python: MatrixPython) -> None:
    """A C host, a C++ library and a second copy of libholdfast: what closes for one closes for all."""
    plug_in = build_library(BESIDE / "plug_in.cpp", python)
    second = built_library(BESIDE / "second.c")

    outcome = run_on(built(BESIDE / "host.c", ["-ldl"]), python, str(plug_in), str(second))

    assert outcome.code == 0, outcome.explain()


@pytest.mark.parametrize("how", range(7))
def test_the_first_call_of_a_second_copy_may_take_a_handle(how: int) -> None:
    """An end, a free, a keep, a view, a version, or an exception: it finds the first one's backend."""
    second = built_library(BESIDE / "second.c")

    outcome = run_on(built(BESIDE / "first_calls.c", ["-ldl"]), one_python(), str(second), str(how))

    assert outcome.code == 0, outcome.explain()


def test_a_plug_in_may_be_unloaded_while_its_threads_live() -> None:
    """The library that the plug-in contains stays: threads free their last errors with its code."""
    outcome = run_on(
        built(BESIDE / "unloads.c", ["-ldl"]), one_python(), str(built_library(BESIDE / "second.c"))
    )

    assert outcome.code == 0, outcome.explain()


@pytest.mark.parametrize("python", pythons(most=1))
def test_a_python_that_runs_is_adopted(python: MatrixPython) -> None:
    """A process of python itself, which ends Python as it always does."""
    if python.build.loader is not None:
        pytest.skip("this Python's C library is not the one that the library was linked with")
    library = built_library(BESIDE / "adopts.c")
    ensure_backend(python)
    code = f"import ctypes, sys; sys.exit(ctypes.PyDLL({str(library)!r}).adopts())"

    outcome = run_command(
        [str(python.path), "-c", code],
        environ={**environment_for(python), "HOLDFAST_BACKENDS": str(backends_folder())},
        deadline_s=DEADLINE_S,
    )

    assert outcome.code == 0, outcome.explain()


def test_the_library_needs_no_symbol_of_python() -> None:
    """A program links it where no Python is installed."""
    program = built(BESIDE.parent / "start_and_say.c", static=True)
    done = subprocess.run(["nm", "-u", program], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("nm is not here")

    assert "dlopen" in done.stdout
    assert " Py" not in done.stdout
