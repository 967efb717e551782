"""Runs a command with a time limit in its own process group, and leaves no process behind.

Imports nothing of this package.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

__all__ = ["run_group"]


def run_group(
    command: Sequence[str],
    limit_s: float,
    *,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
    out: IO[bytes] | None = None,
) -> int | None:
    """Run a command without input; kill all its processes when it ends or the limit has passed.

    Args:
        command: its words.
        limit_s: seconds after which it is killed.
        folder: its working folder; default: the current one.
        environ: its variables; default: those of this process.
        out: receives all its output; default: this process's output.

    Returns:
        The exit status; negative: the signal that ended it; None: the limit passed.
    """
    process = subprocess.Popen(
        command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=out,
        stderr=None if out is None else subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        return process.wait(limit_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
