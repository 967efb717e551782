"""examples/c_server: what its README promises."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from c_builds import DEADLINE_S, ensure_backend
from harness import environment_for
from matrix import quick_names, usable
from pyholdfast.toolchain.c_library import backends_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matrix import MatrixPython

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "c_server"
QUICK = quick_names("c", most=1)
PYTHONS = [
    pytest.param(p, id=p.name, marks=() if p.name in QUICK else (pytest.mark.long,))
    for p in usable()
    if p.build.loader is None  # `holdfast run` starts the others by themselves
]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server, compiled once for all Pythons."""
    out = tmp_path_factory.mktemp("c_server") / "server"
    command = [sys.executable, "-m", "pyholdfast", "build", str(EXAMPLE / "main.c"), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def server(program: Path, python: MatrixPython) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running server and its port."""
    ensure_backend(python)
    environ = {
        **os.environ,
        **environment_for(python),
        "HOLDFAST_PYTHON": str(python.path),
        "HOLDFAST_BACKENDS": str(backends_folder()),
    }
    with subprocess.Popen(
        [str(program), "0", str(EXAMPLE)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ,
    ) as running:  # fmt: skip
        deadline = threading.Timer(DEADLINE_S, running.kill)
        deadline.start()
        try:
            assert running.stdout is not None
            assert running.stderr is not None
            first = running.stdout.readline()
            found = re.fullmatch(r"Python (3\.\d+\.\S+) answers on port (\d+)\n", first)
            assert found, first + running.stderr.read()
            yield running, int(found[2])
        finally:
            deadline.cancel()
            running.kill()


def ended(running: subprocess.Popen[str]) -> str:
    """What the server prints at its end, after SIGTERM."""
    running.send_signal(signal.SIGTERM)
    out, problems = running.communicate()
    assert running.returncode == 0, problems
    assert problems == ""
    return out


@pytest.mark.parametrize("python", PYTHONS)
def test_lines_are_answered(server: tuple[subprocess.Popen[str], int]) -> None:
    """A result, an exception's text, and text beyond ASCII."""
    running, port = server
    with socket.create_connection(("127.0.0.1", port)) as client, client.makefile("rw") as lines:
        answers = []
        for line in ("the quick brown fox", "", "gr\xfc\xdfe"):
            lines.write(line + "\n")
            lines.flush()
            answers.append(lines.readline())

    assert answers[0] == "ok 4 words of 4.0 letters\n"
    assert answers[1] == "error division by zero\n"
    assert answers[2] == "ok 1 words of 5.0 letters\n"
    assert ended(running) == "2 answered, 1 failed, 0 refused\n"


@pytest.mark.parametrize("python", PYTHONS)
def test_no_answer_is_lost_at_the_end(server: tuple[subprocess.Popen[str], int]) -> None:
    """Eight clients send lines while it ends; the server counts what they count."""
    running, port = server
    counts = {"ok": 0, "closing": 0}
    counting = threading.Lock()
    started = threading.Barrier(5)

    def client(*, waits: bool) -> None:
        try:
            with (
                socket.create_connection(("127.0.0.1", port)) as link,
                link.makefile("rw") as lines,
            ):
                for number in range(10**9):
                    lines.write("a line\n")
                    lines.flush()
                    if not (got := lines.readline()):
                        return
                    with counting:
                        counts[got.split()[0]] += 1
                    if number == 0 and waits:
                        started.wait(DEADLINE_S)
        except OSError:  # closed before its next line was read
            return

    # Four are served, and four wait for a thread.
    threads = [threading.Thread(target=client, kwargs={"waits": n < 4}) for n in range(8)]
    for thread in threads[:4]:
        thread.start()
    started.wait(DEADLINE_S)
    for thread in threads[4:]:
        thread.start()
    out = ended(running)
    for thread in threads:
        thread.join()

    assert out == f"{counts['ok']} answered, 0 failed, {counts['closing']} refused\n"
    assert counts["ok"] >= 4
