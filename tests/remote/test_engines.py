"""remote_executor with engines of other projects: the same promises for all of them.

Dask runs as usual, with a scheduler and two workers in separate processes on the loopback interface.
The table below has what is specific to an engine; engine_suite.cpp has the promises.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import Outcome, environment_for, run_command
from matrix import MatrixPython, default_python, running, usable
from program_build import build_program
from program_text import read_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

FOLDER = Path(__file__).resolve().parent
SUITE = FOLDER / "engine_suite.cpp"
DEADLINE_S = 90
START_LIMIT_S = 30


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine.

    Attributes:
        name: of the test.
        setup: statements that make it ready.
        expression: its value is the engine.
        abilities: see engine_suite.cpp.
        since: the first Python that has it.
    """

    name: str
    setup: str
    expression: str
    abilities: tuple[str, ...] = ()
    since: tuple[int, int] = (3, 10)


STANDARD = (
    Engine("threads", "import concurrent.futures", "concurrent.futures.ThreadPoolExecutor(2)"),
    Engine(
        "processes",
        "import concurrent.futures",
        "concurrent.futures.ProcessPoolExecutor(2)",
        ("apart", "dies"),
    ),
    Engine(
        "spawned-processes",
        "import concurrent.futures, multiprocessing",
        "concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context('spawn'))",
        ("apart", "dies"),
    ),
    Engine(
        "interpreters",
        "import concurrent.futures",
        "concurrent.futures.InterpreterPoolExecutor(2)",
        since=(3, 14),
    ),
)
LOKY = Engine("loky", "import loky", "loky.ProcessPoolExecutor(2)", ("apart", "dies"))


def standard_cases() -> Iterator[ParameterSet]:
    """The standard library's pools; in the short run, on the newest Python with a GIL."""
    for python in usable():
        for engine in STANDARD:
            if python.build.version[:2] >= engine.since:
                short = python.name == default_python().name
                marks = () if short else (pytest.mark.long,)
                yield pytest.param(engine, python, id=f"{engine.name}-{python.name}", marks=marks)


@pytest.mark.ci
@pytest.mark.parametrize(("engine", "python"), list(standard_cases()))
def test_pools_of_the_standard_library(
    engine: Engine, python: MatrixPython, tmp_path: Path
) -> None:
    """Values, exceptions, progress, cancellation and a killed worker behave as promised."""
    outcome = run_suite(engine, python, python.path, tmp_path)

    assert outcome.code == 0, outcome.explain()


@pytest.mark.long
def test_loky(tmp_path: Path) -> None:
    """The same with loky."""
    outcome = run_suite(LOKY, own_python("loky"), Path(sys.executable), tmp_path)

    assert outcome.code == 0, outcome.explain()


@pytest.mark.ci
@pytest.mark.parametrize(
    "expression", ["client.get_executor()", pytest.param("client", marks=pytest.mark.long)]
)
def test_dask(expression: str, tmp_path: Path) -> None:
    """The same with Dask; other calls survive the end of a worker, and a lost scheduler is an error."""
    python = own_python("distributed")
    with dask_cluster(tmp_path) as (contact, scheduler):
        engine = Engine(
            "dask",
            "import os\nfrom distributed import Client\n"
            f"client = Client(scheduler_file={str(contact)!r}, timeout={START_LIMIT_S})\n"
            f"client.wait_for_workers(2, timeout={START_LIMIT_S})\n"
            f"def gone(): os.kill({scheduler}, {signal.SIGKILL:d})\n",
            expression,
            ("apart", "dies", "survives", "goes"),
        )
        outcome = run_suite(engine, python, Path(sys.executable), tmp_path)

    assert outcome.code == 0, outcome.explain()


@pytest.mark.long
def test_dask_goes_on_for_others(tmp_path: Path) -> None:
    """The executor closes its own Client(...) at the end, and the cluster keeps running."""
    python = own_python("distributed")
    with dask_cluster(tmp_path) as (contact, _):
        engine = Engine(
            "dask",
            "from distributed import Client",
            f"Client(scheduler_file={str(contact)!r}, timeout={START_LIMIT_S})",
            ("apart", "dies", "survives"),
        )
        outcome = run_suite(engine, python, Path(sys.executable), tmp_path)
        assert outcome.code == 0, outcome.explain()

        count = (
            "import sys\nfrom distributed import Client\n"
            f"client = Client(scheduler_file=sys.argv[1], timeout={START_LIMIT_S})\n"
            "client.wait_for_workers(1, timeout=5)\nprint('still there')"
        )
        other = run_command([sys.executable, "-c", count, str(contact)], deadline_s=DEADLINE_S)

    assert other.out == "still there\n", other.explain()


def run_suite(engine: Engine, python: MatrixPython, executable: Path, folder: Path) -> Outcome:
    """Build the suite for `python`, and run it with the engine."""
    binary = build_program(read_program(SUITE), python)
    command = [binary, folder, executable, engine.setup, engine.expression, *engine.abilities]
    return run_command(
        [str(word) for word in command],
        environ={**environment_for(python), "PYTHONPATH": str(FOLDER)},
        deadline_s=DEADLINE_S,
    )


def own_python(package: str) -> MatrixPython:
    """This environment's Python, as one to build for: only it has the packages."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    python = running()
    return python or pytest.skip("no host can be built for the Python that runs the tests")


@contextmanager
def dask_cluster(folder: Path) -> Iterator[tuple[Path, int]]:
    """A scheduler and two workers: the file with the address, and the scheduler's process ID."""
    contact = folder / "scheduler.json"
    environ = {
        **os.environ,
        "PYTHONPATH": str(FOLDER),
        # A call that was twice with a worker that died is given up.
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    }
    common = ["--scheduler-file", str(contact), "--no-dashboard"]
    commands = [
        ["distributed.cli.dask_scheduler", *common, "--host", "127.0.0.1", "--port", "0"],
        *([["distributed.cli.dask_worker", *common, "--host", "127.0.0.1", "--nthreads", "1"]] * 2),
    ]
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for number, command in enumerate(commands):
            with (folder / f"dask-{number}.log").open("wb") as log:
                processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", *command],
                        env=environ,
                        cwd=folder,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
            _wait_until_written(contact)
        yield contact, processes[0].pid
    finally:
        for process in reversed(processes):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_written(contact: Path) -> None:
    """The scheduler writes the file when it listens."""
    end = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end:
        try:
            json.loads(contact.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"no Dask scheduler after {START_LIMIT_S} s; see dask-0.log")
