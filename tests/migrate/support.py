"""Running `holdfast migrate` as a user would."""

from __future__ import annotations

import sys
from pathlib import Path

from harness import Outcome, run_command
from matrix import default_python

__all__ = ["STRICT", "migrate"]

STRICT = ("-Wall", "-Wextra", "-Wshadow", "-Werror")


def migrate(*arguments: str | Path, cwd: Path | None = None) -> Outcome:
    """Run the command, on sources for the newest Python."""
    words = [str(argument) for argument in arguments]
    python = str(default_python().path)
    return run_command(
        [sys.executable, "-m", "pyholdfast", "migrate", "--python", python, *words],
        deadline_s=120, cwd=cwd,
    )  # fmt: skip
