"""examples/service: what each part of a server does when it is needed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import pytest

from compiled_files import CACHE, CHECKOUT
from harness import environment_for, run_command
from matrix import default_python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXAMPLE = CHECKOUT / "examples" / "service"
BUILD_LIMIT_S = 300
LIMIT_S = 60


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service, with its Python code beside it."""
    folder = tmp_path_factory.mktemp("service")
    environ = environment_for(default_python()) | {
        "PYTHONPATH": str(CHECKOUT / "src"),
        "XDG_CACHE_HOME": str(CACHE / "examples"),
    }
    built = run_command(
        [sys.executable, "-m", "pyholdfast", "build", "--python", str(default_python().path),
         str(EXAMPLE / "main.cpp"), "-o", str(folder / "service")],
        environ=environ, deadline_s=BUILD_LIMIT_S,
    )  # fmt: skip
    assert built.code == 0, built.explain()
    shutil.copy(EXAMPLE / "app.py", folder)
    return folder / "service"


@contextmanager
def running(program: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The service, which is ready; it has ended afterwards in any case."""
    with subprocess.Popen(
        [str(program), *words], text=True, env=environment_for(default_python()),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            assert read_line(process.stderr) == "service: ready"
            yield process
        finally:
            process.kill()


def read_line(stream: IO[str] | None) -> str:
    """The next line that it prints; a service that hangs is ended by the test's own limit."""
    assert stream is not None
    return stream.readline().rstrip("\n")


def ask(process: subprocess.Popen[str], *lines: str) -> None:
    """Send requests at once."""
    assert process.stdin is not None
    os.write(process.stdin.fileno(), "".join(f"{line}\n" for line in lines).encode())


def test_each_request_is_answered_or_refused(program: Path) -> None:
    """Errors, the limit of a task, and a full queue; the end of stdin ends it cleanly."""
    with running(program) as process:
        ask(process, "loop", "fail", *["word"] * 200)
        out, err = process.communicate(timeout=LIMIT_S)

    texts = Counter(line.partition(" ")[2] for line in out.splitlines())
    numbers = sorted(int(line.partition(" ")[0]) for line in out.splitlines())
    assert numbers == list(range(1, 203))
    assert texts["took too long"] == 1
    assert texts["ValueError: no answer to that"] == 1
    assert texts["busy (HF300)"] > 0
    assert texts["WORD"] + texts["busy (HF300)"] == 200
    assert process.returncode == 0
    assert err == (
        f"service: finalized\nservice: answered {texts['WORD']}, refused {texts['busy (HF300)']}\n"
    )


def test_a_restart_loads_the_code_again(program: Path) -> None:
    """SIGHUP: what was asked before is answered by the old code, later requests by the new."""
    module = program.parent / "app.py"
    try:
        with running(program) as process:
            ask(process, "before")
            assert read_line(process.stdout) == "1 BEFORE"
            module.write_text("def answer(line: str) -> str:\n    return line + ', again'\n")
            process.send_signal(signal.SIGHUP)
            assert read_line(process.stderr) == "service: finalized"
            assert read_line(process.stderr) == "service: ready"
            ask(process, "after")
            assert read_line(process.stdout) == "2 after, again"
            process.send_signal(signal.SIGTERM)
            assert process.wait(LIMIT_S) == 0
    finally:
        shutil.copy(EXAMPLE / "app.py", module)


def test_what_cannot_be_interrupted_is_named(program: Path) -> None:
    """A request that is stuck in C code: the report says where, and the process ends."""
    with running(program, "300") as process:
        ask(process, "sleep", "word")
        assert read_line(process.stdout) == "2 WORD"
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=LIMIT_S)

    assert process.returncode == 3
    assert "answers-" in err
    assert "time.sleep(3600)" in err
