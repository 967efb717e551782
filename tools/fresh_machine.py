#!/usr/bin/env python3
"""Tries the README's commands on fresh machines: minimal Debian trees with an ordinary user.

Only the packages that our own messages ask for are installed. The table of steps and expected
outcomes is in fresh_machines/steps.py. Needs root, and Debian for its archive.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from fresh_machines.root import Root, demand_root
from fresh_machines.steps import STEPS, Step, asked_for, judged
from python_matrix.apt import ensure_installed
from python_matrix.apt_sources import debian_archive, read_archives
from python_matrix.catalog import Cache
from python_matrix.steps import Steps, UnavailableError

__all__ = ["main", "try_out"]

CHECKOUT = Path(__file__).resolve().parent.parent
RELEASES = ("bookworm", "trixie")
SHOWN = 40


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return 1 if any step has an unexpected outcome."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "releases", nargs="*", metavar="RELEASE", help="default: " + " ".join(RELEASES)
    )
    parser.add_argument("--quick", action="store_true", help="all but the tests themselves")
    parser.add_argument("--require", action="store_true", help="exit with 1 if it cannot be tried")
    asked = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    place = Cache.of_user().root.parent / "machines"
    wrong = 0
    try:
        demand_root()
        for release in asked.releases or RELEASES:
            wrong += _try_release(release, place, quick=asked.quick)
    except UnavailableError as error:
        print(f"fresh machines skipped: {error.reason}\n  do: {error.remedy}", file=sys.stderr)
        return 1 if asked.require or wrong else 0
    print(
        f"fresh machines: {wrong} steps are wrong" if wrong else "fresh machines: all as it must be"
    )
    return 1 if wrong else 0


def _try_release(release: str, place: Path, *, quick: bool) -> int:
    """Try one release; return the number of wrong steps."""
    # Two runs at the same time must not share a tree.
    name = f"{release}-{os.getpid()}"
    steps = Steps(release, place / "logs" / f"{release}.log")
    steps.log.parent.mkdir(parents=True, exist_ok=True)
    steps.log.write_bytes(b"")
    ensure_installed(steps, ["debootstrap"])
    archives = read_archives()
    root = Root(release, archives, debian_archive(archives), place / name, steps)
    try:
        rows = [row for row in STEPS if not row.releases or release in row.releases]
        return try_out(root, [row for row in rows if not (quick and row.is_long)])
    finally:
        root.remove()


def try_out(root: Root, rows: Sequence[Step]) -> int:
    """Run the steps one after the other; return the number of wrong ones."""
    wrong = 0
    packages: list[str] = []
    for row in rows:
        if row.install:
            root.install([name for name in packages if name not in row.but])
        elif row.but:
            root.uninstall(row.but)
        folder = root.move_in(CHECKOUT, row.place, read_only_home=row.read_only_home)
        begun_s = time.monotonic()
        status, output = root.run(
            row.command, folder, offline=row.offline, limit_s=row.minutes * 60
        )
        packages += [name for name in asked_for(output) if name not in packages]
        faults = judged(row, status, output, environment=root.has(f"{folder}/.venv"))
        word = "WRONG" if faults else "right"
        print(f"{root.release}: {row.name}: {word}, {time.monotonic() - begun_s:.0f} s", flush=True)
        lines = output.splitlines()
        if faults:
            wrong += 1
            print("\n".join(f"  | {line}" for line in lines[-SHOWN:]))
            print("\n".join(f"  {fault}" for fault in faults), flush=True)
        elif row.is_long and lines:
            print(f"  {lines[-1]}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
