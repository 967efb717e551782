"""`holdfast debug`: a debugger's breakpoints stop native threads."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from debug.debug_client import DebugClient
from harness import SOURCES, environment_for, run_command
from matrix import MatrixPython, default_python, quick_names, usable
from program_build import build_program
from program_text import read_program

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent
LINE = 6  # in module.py, where a value has been computed
LIMIT_S = 60
THREADS = 64


def each_python(most: int) -> list[object]:
    """The parameters of a test: at most so many Pythons are not long."""
    quick = quick_names("debug", most=most)
    return [
        pytest.param(p, id=p.name, marks=() if p.name in quick else pytest.mark.long)
        for p in usable()
    ]


@pytest.fixture
def with_debugpy(tmp_path: Path) -> Path:
    """A folder for PYTHONPATH that has debugpy, from the Python of the tests, and nothing else of it."""
    found = importlib.util.find_spec("debugpy")
    if found is None or found.origin is None:
        pytest.skip("debugpy is not installed")
    (tmp_path / "debugpy").symlink_to(Path(found.origin).parent)
    return tmp_path


def debug(
    python: MatrixPython, folder: Path, *options: str, listen: str = "127.0.0.1:0"
) -> subprocess.Popen[str]:
    """The host, started by `holdfast debug`."""
    host = build_program(read_program(FOLDER / "host.cpp"), python)
    environ = environment_for(python)
    paths = [str(SOURCES), str(FOLDER), str(folder)]
    return subprocess.Popen(
        [sys.executable, "-m", "pyholdfast", "debug", str(host), "--listen", listen, *options],
        env={**environ, "PYTHONPATH": ":".join(paths)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def port_in(lines: Iterator[str], words: str) -> int:
    """The port in the line that has these words."""
    for line in lines:
        if found := re.search(rf"holdfast: {words} at 127\.0\.0\.1:(\d+)$", line.rstrip()):
            return int(found[1])
    raise AssertionError(f"no line says '{words}'")


def stops_of(port: int, count: int) -> list[tuple[int, dict[str, object]]]:
    """The stops of a host at the breakpoint."""
    with closing(DebugClient(port, LIMIT_S)) as client:
        client.stop_at(FOLDER / "module.py", LINE)
        return client.stops(count)


@pytest.mark.ci
@pytest.mark.parametrize("python", each_python(most=1))
def test_a_breakpoint_stops_threads_that_attached_before_and_after_the_debugger(
    python: MatrixPython, with_debugpy: Path
) -> None:
    """64 of 64 threads of each kind stop, each with its own values; then the host ends."""
    with debug(python, with_debugpy, "--no-wait", "--", str(THREADS)) as host:
        try:
            assert host.stdout is not None
            assert host.stderr is not None
            port = port_in(iter(host.stderr), "a debugger may connect")
            assert host.stdout.readline() == "early threads have attached\n"
            stops = stops_of(port, 2 * THREADS)
            complaints = host.stderr.read()
            code = host.wait(LIMIT_S)
        finally:
            host.kill()

    assert code == 0, complaints
    assert len({thread for thread, _ in stops}) == 2 * THREADS
    assert {where["line"] for _, where in stops} == {LINE}
    assert sorted(int(str(where["number"])) for _, where in stops) == list(range(2 * THREADS))


@pytest.mark.parametrize("python", each_python(most=1))
def test_the_host_waits_for_the_debugger(python: MatrixPython, with_debugpy: Path) -> None:
    """Without --no-wait, the host runs nothing before a debugger has set its breakpoints."""
    with debug(python, with_debugpy, "--", "2") as host:
        try:
            assert host.stderr is not None
            stops = stops_of(port_in(iter(host.stderr), "waiting for a debugger"), 4)
            code = host.wait(LIMIT_S)
        finally:
            host.kill()

    assert code == 0
    assert len(stops) == 4


@pytest.mark.parametrize(
    ("module", "listen", "problem"),
    [
        ("raise ModuleNotFoundError(name='debugpy')", "5678", r"'.*' has no debugpy\n  do: install it: "),
        ("def listen(address): raise RuntimeError('Address already in use')", "5678",
         "cannot listen at '5678': Address already in use\n  do: name a free port"),
        ("def listen(address): pass", "here", "cannot listen at 'here': .*\n  do: name a free port"),
    ],
    ids=["no debugpy", "port in use", "no port"],
)  # fmt: skip
def test_a_host_that_no_debugger_can_reach_does_not_run(
    tmp_path: Path, module: str, listen: str, problem: str
) -> None:
    """HF239 says why, and the host's code does not run."""
    (tmp_path / "debugpy.py").write_text(module)
    with debug(default_python(), tmp_path, listen=listen) as host:
        try:
            out, err = host.communicate(timeout=LIMIT_S)
        finally:
            host.kill()

    assert host.returncode != 0
    assert re.search(f"HF239 no debugger can connect: {problem}", err), err
    assert out == ""


def test_a_program_that_cannot_be_started() -> None:
    """HF806 names it."""
    outcome = run_command(
        [sys.executable, "-m", "pyholdfast", "debug", "./no-host"],
        environ={**environment_for(default_python()), "PYTHONPATH": str(SOURCES)},
        deadline_s=LIMIT_S,
    )

    assert outcome.code == 2
    assert "HF806 cannot start 'no-host': No such file or directory" in outcome.err
