#!/usr/bin/env python3
"""Runs a program for Windows under wine, after ``tools/platforms.py windows`` has provided it.

For example: ``tools/run_windows.py 3.12 build/host.exe one two``. DLLs beside the program are found. It can
write to its working folder only, and what it writes is deleted.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from platform_recipes.catalog import PlatformCache
from platform_recipes.wine import wine_command


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the program's exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("python", help="whose DLL it finds: 3.10, 3.12 or 3.13")
    parser.add_argument("program", type=Path)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    asked = parser.parse_args(argv)
    facts = PlatformCache.of_user().facts("windows")
    if facts is None:
        parser.error("run tools/platforms.py windows first")
    with tempfile.TemporaryDirectory() as state:
        command = wine_command(
            Path(facts["folder"]), Path(state), asked.program, asked.arguments, python=asked.python
        )
        # Wine's console needs a terminal of Windows; with pipes it does without.
        done = subprocess.run(command, input=b"", capture_output=True, check=False)
    sys.stdout.buffer.write(done.stdout)
    sys.stderr.buffer.write(done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
