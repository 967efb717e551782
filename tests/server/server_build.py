"""Builds examples/server as its page says, runs it, and waits for its end."""

from __future__ import annotations

import fcntl
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

from compiled_files import CACHE, CHECKOUT
from harness import environment_for, run_command
from pyholdfast import paths
from unpacked import pkg_config_environment, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matrix import MatrixPython

__all__ = ["Missing", "Server", "build_server", "running"]

SOURCE = CHECKOUT / "examples" / "server"
HTTPLIB = ("libcpp-httplib-dev", "libcpp-httplib0.11", "libssl-dev", "libssl3", "zlib1g-dev",
           "libbrotli-dev", "libbrotli1")  # fmt: skip
BUILD_LIMIT_S = 300
START_LIMIT_S = 60
END_LIMIT_S = 60


class Missing(Exception):  # noqa: N818
    """Something that the server needs is unavailable; the text says so in one line."""


@dataclass(slots=True)
class Server:
    """A server that runs.

    Attributes:
        process: it; stdout is a pipe.
        errors: what it writes to stderr.
        port: where it listens, on loopback.
    """

    process: subprocess.Popen[bytes]
    errors: IO[bytes]
    port: int = 0

    def read_port(self) -> None:
        """Wait for the line that names the server's port."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], START_LIMIT_S)
        line = self.process.stdout.readline().decode() if ready else "nothing"
        found = re.fullmatch(r"listening on http://127\.0\.0\.1:(\d+)\n", line)
        assert found, f"it said {line!r}\n{self.said()}"
        self.port = int(found[1])

    def stop(self) -> tuple[int, str]:
        """Ask it to end, and wait for that; return the exit status, and everything it has printed."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(END_LIMIT_S)
        assert self.process.stdout is not None
        return code, self.process.stdout.read().decode()

    def said(self) -> str:
        """What it has written to stderr."""
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")


@cache
def flask_folder() -> Path:
    """Flask and its dependencies, in a separate folder: pure Python, the same for all Pythons.

    Raises:
        Missing: it is not to be had.
    """
    folder = CACHE / "flask"
    if (folder / "flask").is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        fresh = Path(place, "flask")
        got = run_command(
            [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(fresh), "flask"],
            deadline_s=BUILD_LIMIT_S,
        )
        if got.code != 0:
            raise Missing("Flask cannot be installed from a package index")
        for compiled in fresh.rglob("*.so"):  # for one Python only; markupsafe does without
            compiled.unlink()
        try:
            fresh.rename(folder)
        except OSError:
            assert folder.is_dir()  # another process was faster
    return folder


def httplib_environment() -> dict[str, str]:
    """The variables with which pkg-config finds cpp-httplib.

    Raises:
        Missing: it is not to be had.
    """
    if shutil.which("pkg-config") is None or shutil.which("cmake") is None:
        raise Missing("pkg-config or cmake is not installed")
    if run_command(["pkg-config", "cpp-httplib"], deadline_s=START_LIMIT_S).code == 0:
        return {}
    root = unpacked("cpp-httplib", HTTPLIB)
    if root is None:
        raise Missing("cpp-httplib is not installed, and apt cannot download it")
    return pkg_config_environment(root)


def build_server(python: MatrixPython) -> Path:
    """The program for one Python; unchanged files are not compiled again.

    Raises:
        Missing: something that it needs is not to be had.
    """
    environ = environment_for(python) | httplib_environment()
    folder = CACHE / "server" / python.name
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    steps = (
        [
            *("cmake", *generator, "-S", str(SOURCE), "-B", str(folder)),
            f"-Dholdfast_ROOT={paths.cmake_dir()}",
            f"-DPython_EXECUTABLE={python.path}",
            "-DCMAKE_BUILD_TYPE=Release",
            "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wshadow -Werror",
        ],
        ["cmake", "--build", str(folder)],
    )
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may come at the same time
        for step in steps:
            outcome = run_command(step, environ=environ, deadline_s=BUILD_LIMIT_S)
            assert outcome.code == 0, outcome.explain()
    return folder / "server"


@contextmanager
def running(python: MatrixPython, *options: str) -> Iterator[Server]:
    """The server on a free port of the loopback interface; it has ended afterwards in any case.

    Raises:
        Missing: something that it needs is not to be had.
    """
    program = build_server(python)
    environ = environment_for(python) | httplib_environment()
    environ["PYTHONPATH"] = str(flask_folder())
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [str(program), "--port", "0", *options],
            bufsize=0, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environ,
        ) as process,
    ):  # fmt: skip
        try:
            server = Server(process, errors)
            server.read_port()
            yield server
        finally:
            process.kill()
