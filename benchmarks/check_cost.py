#!/usr/bin/env python3
"""Measures the cost of `holdfast check` for a file, compared with clang-tidy parsing it.

Both run in turns. A ratio is taken within a round, and the median of the rounds is shown. It counts
processor time, so that other load on the machine matters little.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from pyholdfast.check.clang_tidy import find_clang_tidy  # noqa: E402
from pyholdfast.check.commands import CompileCommand, plain  # noqa: E402
from pyholdfast.check.program_check import check  # noqa: E402
from pyholdfast.check.settings import Settings  # noqa: E402
from pyholdfast.find_python import find_python  # noqa: E402 - the checkout's own package
from pyholdfast.toolchain.cache import cached_probe  # noqa: E402


def spent() -> float:
    """Seconds of processor time of this process and its children so far."""
    return sum(os.times()[:4])


def parse(command: CompileCommand) -> float:
    """Seconds that clang-tidy needs to read a file for a check that looks at includes only."""
    words = [str(find_clang_tidy()), "--quiet", "--checks=-*,readability-duplicate-include",
             str(command.file), "--", *command.options, "-w"]  # fmt: skip
    begun = spent()
    subprocess.run(words, capture_output=True, cwd=command.folder, check=False)
    return spent() - begun


def whole_check(command: CompileCommand) -> float:
    """Seconds that the check needs for the same file, from the start to the findings."""
    begun = spent()
    check([command], Settings(), version=command.version or (3, 13), jobs=1)
    return spent() - begun


def main() -> None:
    """Print a row per file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument("--python", default=None, help="whose headers are read")
    args = parser.parse_args()
    build = cached_probe(find_python(args.python).path)
    for file in args.files:
        command = plain(file, build, ())
        rounds = [(parse(command), whole_check(command)) for _ in range(args.rounds)]
        ratios = sorted(asked / read for read, asked in rounds)
        seconds = statistics.median(read for read, _ in rounds)
        print(f"{file.name}: {statistics.median(ratios):.2f} times"
              f" ({ratios[0]:.2f} to {ratios[-1]:.2f}) of {seconds:.2f} s")  # fmt: skip


if __name__ == "__main__":
    main()
