"""Draws the README's picture, docs/images/demo.svg, from a trace of the demo.

usage: python tools/demo_picture.py [--python PATH] [--from SECONDS]
Runs `holdfast demo` once and shows half a second of it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pyholdfast.trace.building import build
from pyholdfast.trace.file_layout import read_trace
from pyholdfast.trace.svg import still

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "images" / "demo.svg"
TITLE = "holdfast demo: eight native threads ask Python about its standard library"
SHOWN_NS = 500_000_000


def main() -> int:
    """Record, then draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="what the demo runs on")
    parser.add_argument("--from", dest="first", type=float, default=2.0, help="seconds")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        recorded = Path(folder, "demo.trace")
        subprocess.run(
            [sys.executable, "-m", "pyholdfast", "demo", "--python", args.python],
            env={**os.environ, "HOLDFAST_TRACE": str(recorded)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        trace = build(read_trace(recorded))
    first = round(args.first * 1e9)
    PICTURE.write_text(still(trace, TITLE, (first, first + SHOWN_NS)), encoding="utf-8")
    sys.stdout.write(f"{PICTURE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
