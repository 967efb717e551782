#!/usr/bin/env python3
"""Makes the virtual environment for development, completely or not at all.

This is the only step of `make` that needs the network. If a new environment cannot be completed, it
is removed; an existing one stays.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from python_matrix.steps import UnavailableError

__all__ = ["main"]

CHECKOUT = Path(__file__).resolve().parent.parent
READY = "ready"
# A file in a folder that this tool has begun and not finished, e.g. because the machine went down.
BEGUN = "begun"
STEPS = (("--upgrade", "pip>=25.1"), ("--editable", ".", "--group", "dev"))
# pip's messages when no index answers, and their consequence.
UNREACHABLE = (
    "No matching distribution", "Could not find a version", "connection", "Temporary failure",
    "Network is unreachable", "timed out", "Max retries", "ProxyError",
)  # fmt: skip
SHOWN = 30


def make(folder: Path) -> None:
    """Make the environment, or bring it up to date.

    Raises:
        UnavailableError: if a step fails.
    """
    _demand(
        [sys.executable, "-m", "venv", str(folder)],
        f"{sys.executable} cannot make the virtual environment '{folder}'",
        "make check-machine says what this machine lacks",
    )
    python = str(folder / "bin" / "python")
    for step in STEPS:
        _demand(
            [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *step],
            "pip cannot install the development tools",
            "read pip's message above",
        )
    (folder / BEGUN).unlink(missing_ok=True)
    (folder / READY).touch()


def _demand(command: Sequence[str], problem: str, remedy: str) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", check=False, cwd=CHECKOUT,
    )  # fmt: skip
    if done.returncode == 0:
        return
    if any(word.lower() in done.stdout.lower() for word in UNREACHABLE):
        # pip prints dozens of lines; the first one with ERROR says what it did not find.
        found = [line for line in done.stdout.splitlines() if line.startswith("ERROR: ")][:1]
        sys.stderr.writelines(f"{line}\n" for line in found)
        raise UnavailableError(
            "the network is needed once, to install ruff, mypy, pytest and other development"
            " tools, and pip reaches no package index",
            "connect this machine to it, then run make again (make demo needs no network)",
        )
    sys.stderr.writelines(f"{line}\n" for line in done.stdout.splitlines()[-SHOWN:])
    raise UnavailableError(problem, remedy)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="the environment")
    folder: Path = parser.parse_args(argv).folder.absolute()
    ours = not folder.exists() or (folder / BEGUN).exists()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    made = False
    try:
        if ours:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            (folder / BEGUN).touch()
        make(folder)
        made = True
    except UnavailableError as error:
        print(f"{error}\n  do: {error.remedy}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        if ours and not made:
            shutil.rmtree(folder, ignore_errors=True)
    return 0 if made else 1


if __name__ == "__main__":
    sys.exit(main())
