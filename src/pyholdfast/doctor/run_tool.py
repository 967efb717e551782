"""Runs a tool and returns its answer.

If a tool is missing, fails or takes too long, that is an answer, not an exception: the doctor
reports it.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Answer", "ask", "which"]

LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The output of a tool.

    Attributes:
        status: its exit status; None if it could not be started or was killed.
        out: its standard output.
        err: its standard error, or why it did not run.
    """

    status: int | None
    out: str
    err: str

    @property
    def ok(self) -> bool:
        """True if it ran and its exit status was 0."""
        return self.status == 0

    @property
    def last_words(self) -> str:
        """The last non-empty line of standard error, or of standard output if that has none."""
        lines = [line.strip() for line in (self.out + "\n" + self.err).splitlines()]
        return next((line for line in reversed(lines) if line), "nothing")


def which(name: str, environ: Mapping[str, str]) -> str | None:
    """The path of a tool on the `PATH` in `environ`, which may differ from this process's."""
    return shutil.which(name, path=environ.get("PATH", ""))


def ask(
    command: Sequence[str | Path],
    environ: Mapping[str, str],
    *,
    cwd: Path | None = None,
    limit_s: float = LIMIT_S,
) -> Answer:
    """Run `command` without a terminal and wait at most `limit_s` seconds for it."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            env=dict(environ),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(None, "", f"no answer within {limit_s:g} s")
    except OSError as problem:
        return Answer(None, "", f"{problem.strerror or problem}")
    return Answer(done.returncode, done.stdout, done.stderr)
