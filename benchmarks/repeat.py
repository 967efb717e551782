#!/usr/bin/env python3
"""Measures on each named Python, writes a file of results for each, and draws them together."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"
sys.path.insert(0, str(ROOT / "src"))

from pyholdfast.find_python import find_python  # noqa: E402 - the checkout's own package
from pyholdfast.toolchain.cache import cached_probe  # noqa: E402


def main() -> int:
    """Measure on one Python after the other; if one fails, go on, and report it at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pythons", nargs="+", metavar="PYTHON", help="interpreters to measure on")
    parser.add_argument("--rounds", default="5", metavar="N", help="default 5")
    parser.add_argument("--plot", type=Path, metavar="OUT.svg", help="draw what was measured")
    args = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    status = 0
    written = []
    for name in args.pythons:
        build = cached_probe(find_python(name).path)
        major, minor, _ = build.version
        out = RESULTS / f"{major}.{minor}{build.abiflags}.json"
        python = ["--python", str(build.executable)]
        status |= _bench(*python, "--rounds", args.rounds, "--json", str(out))
        written += ["--from", str(out)]
    if args.plot is not None:
        status |= _bench(*written, "--plot", str(args.plot))
    return status


def _bench(*options: str) -> int:
    command = [sys.executable, "-m", "pyholdfast", "bench", *options]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, check=False, env=environ).returncode


if __name__ == "__main__":
    sys.exit(main())
