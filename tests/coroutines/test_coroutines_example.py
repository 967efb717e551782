"""examples/coroutines: coroutines of asio, and a window of Qt, await Python."""

from __future__ import annotations

import itertools
import shutil
from typing import TYPE_CHECKING

import pytest

from cmake_hosts import configure
from compiled_files import CACHE, CHECKOUT
from harness import environment_for, run_command
from matrix import MatrixPython, quick_names, usable
from unpacked import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

SOURCE = CHECKOUT / "examples" / "coroutines"
BUILD_LIMIT_S = 400
RUN_LIMIT_S = 60
COMMANDS = {"asio_host": [], "qt_host": ["xvfb-run", "-a"]}
EXPECTED = {
    "asio_host": (
        "hello, Ada: 1\nhello, Barbara: 3\nValueError: nobody to greet\n"
        "python: cancelled\ngave up\n"
    ),
    "qt_host": "reward\nHF400 ValueError: enter a word\nstopped\n",
}

pytestmark = pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed")


def cases() -> Iterator[ParameterSet]:
    """Hosts by Pythons; one compiler's work is long, so that it is all in the long run."""
    chosen = quick_names("coroutines", most=1)
    for host, python in itertools.product(EXPECTED, usable()):
        if python.name in chosen or host == "asio_host":
            yield pytest.param(host, python, id=f"{host}-{python.name}", marks=pytest.mark.long)


@pytest.mark.parametrize(("host", "python"), list(cases()))
def test_a_host_of_another_loop(host: str, python: MatrixPython) -> None:
    """Calls return to the loop that awaited them, which meanwhile goes on; both sides cancel."""
    folder = CACHE / "coroutines" / python.name
    environ = environment_for(python)
    asio = unpacked("asio", ("libasio-dev",))
    configured = configure(
        SOURCE, folder, python, deadline_s=BUILD_LIMIT_S, prefix=asio / "usr" if asio else None
    )
    needed = [command for command in COMMANDS[host][:1] if shutil.which(command) is None]
    if host not in configured.out or needed:
        pytest.skip(
            f"{host}: its library, or {' '.join(needed) or 'nothing else'}, is not installed"
        )
    built = run_command(
        ["cmake", "--build", str(folder), "--target", host],
        environ=environ,
        deadline_s=BUILD_LIMIT_S,
    )
    assert built.code == 0, built.explain()

    done = run_command(
        [*COMMANDS[host], str(folder / host), "--show"], environ=environ, deadline_s=RUN_LIMIT_S
    )

    assert done.code == 0, done.explain()
    assert done.out == EXPECTED[host]
