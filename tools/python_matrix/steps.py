"""Runs the commands of one recipe: progress on stdout, output in a log file.

The recipes decide what to run. Imports nothing of this package.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Steps", "UnavailableError"]

# Enough for debootstrap to unmount what it mounted.
_GRACE_S = 10.0

_NO_ENV: Mapping[str, str] = {}


class UnavailableError(Exception):
    """Something cannot be made on this machine.

    Attributes:
        reason: the obstacle, with the value, on one line.
        remedy: one thing that the reader can do, on one line.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@dataclass(slots=True)
class Steps:
    """One recipe in progress.

    Attributes:
        name: what is being made, for the progress lines.
        log: the file that receives the commands and their output.
        started_s: monotonic clock at the start.
    """

    name: str
    log: Path
    started_s: float = field(default_factory=time.monotonic)

    def start_log(self) -> None:
        """Begin the log anew."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")

    def say(self, text: str) -> None:
        """Print one progress line with the seconds since the start."""
        elapsed_s = time.monotonic() - self.started_s
        print(f"[{elapsed_s:4.0f} s] {self.name}: {text}", flush=True)

    def run(
        self,
        *argv: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] = _NO_ENV,
    ) -> None:
        """Run `argv` with its output in the log.

        Raises:
            UnavailableError: if the program is missing or fails.
        """
        words = [str(word) for word in argv]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            out.write(f"$ {' '.join(words)}\n".encode())
            out.flush()
            begin = out.tell()
            with _held_interrupts() as interrupts:
                try:
                    command = subprocess.Popen(
                        words,
                        cwd=cwd,
                        env={**_clean_environment(), **env},
                        stdin=subprocess.DEVNULL,
                        stdout=out,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
                except (FileNotFoundError, PermissionError) as error:
                    raise _cannot_run(words[0], error) from error
            status = _wait(command, interrupts)
        if status != 0:
            said = _last_words(self.log, begin)
            raise UnavailableError(
                f"'{Path(words[0]).name}' ended with status {status}{said}",
                f"read {self.log}",
            )

    def ask(self, *argv: str | Path, env: Mapping[str, str] = _NO_ENV) -> str:
        """Run `argv` and return what it prints on stdout, stripped.

        Raises:
            UnavailableError: if the program is missing or fails.
        """
        words = [str(word) for word in argv]
        try:
            done = subprocess.run(
                words,
                env={**_clean_environment(), **env},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        except (FileNotFoundError, PermissionError) as error:
            raise _cannot_run(words[0], error) from error
        if done.returncode != 0:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with self.log.open("a", encoding="utf-8") as out:
                out.write(f"$ {' '.join(words)}\n{done.stdout}{done.stderr}\n")
            said = next(iter(done.stderr.strip().splitlines()[-1:]), "no message")
            raise UnavailableError(
                f"'{Path(words[0]).name}' ended with status {done.returncode}: {said}",
                f"read {self.log}",
            )
        return done.stdout.strip()


@contextlib.contextmanager
def _held_interrupts() -> Iterator[list[int]]:
    """Defer interrupts while a command starts: it can be ended only once it is known."""
    held: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: held.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield held
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(command: subprocess.Popen[bytes], interrupts: Sequence[int]) -> int:
    """Wait for `command`; if interrupted, first end all processes that it started.

    An interrupted recipe gives up the cache's lock, so a process that is left running would write
    into what the next run makes.
    """
    try:
        for number in interrupts:
            signal.raise_signal(number)
        return command.wait()
    except KeyboardInterrupt:
        os.killpg(command.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            command.wait(_GRACE_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(command.pid, signal.SIGKILL)
        command.wait()
        raise


def _cannot_run(program: str, error: OSError) -> UnavailableError:
    return UnavailableError(
        f"cannot run '{program}': {error.strerror}", f"install the package that holds {program}"
    )


def _clean_environment() -> dict[str, str]:
    """Return the environment without variables that lead to the caller's own Python."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("PYTHON") and key not in {"LD_LIBRARY_PATH", "VIRTUAL_ENV"}
    }
    return {**kept, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}


def _last_words(log: Path, begin: int) -> str:
    """Return ': ' and the last line that a command wrote after `begin`; '' if there is none."""
    with log.open("rb") as out:
        out.seek(begin)
        lines = out.read().decode(errors="replace").split("\n")
    spoken = [line.strip() for line in lines if line.strip()]
    return f": {spoken[-1]}" if spoken else ""
